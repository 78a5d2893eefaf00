//! What is put where below the new root: the operations of a plan. Shared by the helper and the library.
use super::read::{Invalid, PATH_MAX, Reader};
use core::ffi::CStr;

/// One operation, as it lies in the plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Op<'a> {
    /// A directory of the skeleton.
    Dir { path: &'a CStr, mode: u32 },
    /// A small file of the skeleton.
    File { path: &'a CStr, mode: u32, data: &'a [u8] },
    /// A symbolic link of the skeleton.
    Link { path: &'a CStr, target: &'a CStr },
    /// Something of the host, shown at `target`.
    Bind(Bind<'a>),
    /// A file system in memory with a size of its own.
    Tmpfs { target: &'a CStr, mode: u32, flags: u32, bytes: u64, inodes: u64 },
    /// A writable directory in the jail's common memory.
    Scratch { target: &'a CStr, mode: u32, flags: u32, name: &'a CStr },
    /// The jail's own /proc.
    Proc { target: &'a CStr },
    /// The jail's own pseudo-terminals.
    Devpts { target: &'a CStr },
    /// Hides a file or a directory that is already there.
    Mask { target: &'a CStr },
    /// A place for a mount inside a mount of the jail's own memory.
    Inner { path: &'a CStr, dir: bool },
}

/// A bind: from where, and which file it has to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bind<'a> {
    pub source: &'a CStr,
    pub target: &'a CStr,
    pub flags: u32,
    /// `st_dev` and `st_ino` of the source, when [`IDENTITY`] is set.
    pub dev: u64,
    pub ino: u64,
    /// Who owns the files on disk, when [`IDMAP`] is set.
    pub uid: u32,
    pub gid: u32,
}

/// No writing through this mount.
pub const RDONLY: u32 = 1;
/// No execution from this mount.
pub const NOEXEC: u32 = 2;
/// The source is opened by the outer process, with the embedder's rights in the host's mount namespace.
pub const OUTER: u32 = 4;
/// The owner on disk appears as the job's user. Needs [`OUTER`].
pub const IDMAP: u32 = 8;
/// A device node: bound after everything else was made `nodev`.
pub const DEVICE: u32 = 16;
/// An absent source is no error.
pub const OPTIONAL: u32 = 32;
/// `dev` and `ino` have to match.
pub const IDENTITY: u32 = 64;
/// All flags of a bind.
pub const BIND_FLAGS: u32 = 127;

/// How many binds may be [`OUTER`].
pub const OUTER_MAX: usize = 256;

/// The number of each operation in the encoding.
pub mod kind {
    pub const DIR: u32 = 1;
    pub const FILE: u32 = 2;
    pub const LINK: u32 = 3;
    pub const BIND: u32 = 4;
    pub const TMPFS: u32 = 5;
    pub const SCRATCH: u32 = 6;
    pub const PROC: u32 = 7;
    pub const DEVPTS: u32 = 8;
    pub const MASK: u32 = 9;
    pub const INNER: u32 = 10;
}

/// Reads one operation: its kind, the path it makes or covers, and what the kind needs.
pub fn read<'a>(from: &mut Reader<'a>) -> Result<Op<'a>, Invalid> {
    let at = from.invalid();
    let kind = from.u32()?;
    let path = from.target()?;
    Ok(match kind {
        kind::DIR => Op::Dir { path, mode: mode(from)? },
        kind::FILE => Op::File { path, mode: mode(from)?, data: from.bytes(1 << 24)? },
        kind::LINK => Op::Link { path, target: nonempty(from)? },
        kind::BIND => Op::Bind(bind(from, path)?),
        kind::TMPFS => {
            let (mode, flags) = (mode(from)?, flags(from, RDONLY | NOEXEC)?);
            Op::Tmpfs { target: path, mode, flags, bytes: from.u64()?, inodes: from.u64()? }
        }
        kind::SCRATCH => {
            let (mode, flags) = (mode(from)?, flags(from, NOEXEC)?);
            Op::Scratch { target: path, mode, flags, name: name(from)? }
        }
        kind::PROC => Op::Proc { target: path },
        kind::DEVPTS => Op::Devpts { target: path },
        kind::MASK => Op::Mask { target: path },
        kind::INNER => Op::Inner { path, dir: flags(from, 1)? != 0 },
        _ => return Err(at),
    })
}

fn bind<'a>(from: &mut Reader<'a>, target: &'a CStr) -> Result<Bind<'a>, Invalid> {
    let at = from.invalid();
    let flags = flags(from, BIND_FLAGS)?;
    let outer_only = flags & IDMAP != 0 && flags & OUTER == 0;
    let device_outside = flags & DEVICE != 0 && flags & OUTER != 0;
    if outer_only || device_outside {
        return Err(at);
    }
    let (dev, ino, uid, gid) = (from.u64()?, from.u64()?, from.u32()?, from.u32()?);
    Ok(Bind { source: from.path()?, target, flags, dev, ino, uid, gid })
}

fn flags(from: &mut Reader<'_>, known: u32) -> Result<u32, Invalid> {
    let at = from.invalid();
    let flags = from.u32()?;
    if flags & !known == 0 { Ok(flags) } else { Err(at) }
}

/// Permission bits, with the sticky bit but without set-id bits.
fn mode(from: &mut Reader<'_>) -> Result<u32, Invalid> {
    flags(from, 0o1777)
}

fn nonempty<'a>(from: &mut Reader<'a>) -> Result<&'a CStr, Invalid> {
    let at = from.invalid();
    let text = from.cstr(PATH_MAX)?;
    if text.is_empty() { Err(at) } else { Ok(text) }
}

/// One component of a path.
fn name<'a>(from: &mut Reader<'a>) -> Result<&'a CStr, Invalid> {
    let at = from.invalid();
    let name = nonempty(from)?;
    let bytes = name.to_bytes();
    if bytes.contains(&b'/') || bytes == b"." || bytes == b".." || bytes.len() > 255 { Err(at) } else { Ok(name) }
}
