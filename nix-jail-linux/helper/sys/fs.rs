//! Files and mounts.
use super::{Fd, Result, call, int, plain, text};
use crate::arch::{common, nr};
use core::ffi::CStr;

pub const AT_FDCWD: i32 = -100;
const AT_EMPTY_PATH: usize = 0x1000;
const AT_SYMLINK_NOFOLLOW: usize = 0x100;
const AT_RECURSIVE: usize = 0x8000;
const CLOEXEC: usize = 0o2_000_000;
pub const O_PATH: usize = 0o10_000_000;
#[cfg(target_arch = "x86_64")]
pub const O_DIRECTORY: usize = 0o200_000;
#[cfg(target_arch = "aarch64")]
pub const O_DIRECTORY: usize = 0o40_000;
pub const O_RDWR: usize = 2;
pub const O_RDONLY: usize = 0;
pub const O_WRONLY: usize = 1;
const O_WRONLY_CREATE_NEW: usize = 0o1 | 0o100 | 0o200;

/// RESOLVE_NO_MAGICLINKS | RESOLVE_NO_SYMLINKS
pub const NO_LINKS: u64 = 2 | 4;
pub const RESOLVE_BENEATH: u64 = 8;

/// openat2 of an existing file: close-on-exec, with rules for the whole path.
pub fn open(dir: i32, path: &CStr, flags: usize, resolve: u64) -> Result<Fd> {
    let how = [(flags | CLOEXEC) as u64, 0, resolve];
    // SAFETY: the kernel reads the NUL-terminated path and the 24 bytes of struct open_how.
    unsafe { call(common::OPENAT2, [int(dir), text(path), how.as_ptr() as usize, 24, 0, 0]) }.map(Fd::new)
}

/// A new file to write.
pub fn create(dir: i32, path: &CStr, mode: u32) -> Result<Fd> {
    let flags = O_WRONLY_CREATE_NEW | CLOEXEC;
    // SAFETY: the kernel reads the NUL-terminated path.
    unsafe { call(nr::OPENAT, [int(dir), text(path), flags, mode as usize, 0, 0]) }.map(Fd::new)
}

pub fn mkdir(dir: i32, path: &CStr, mode: u32) -> Result {
    // SAFETY: the kernel reads the NUL-terminated path.
    unsafe { call(nr::MKDIRAT, [int(dir), text(path), mode as usize, 0, 0, 0]) }.map(drop)
}

pub fn symlink(target: &CStr, dir: i32, path: &CStr) -> Result {
    // SAFETY: the kernel reads two NUL-terminated strings.
    unsafe { call(nr::SYMLINKAT, [text(target), int(dir), text(path), 0, 0, 0]) }.map(drop)
}

/// Whether there is a file at `path`.
pub fn exists(path: &CStr) -> bool {
    // SAFETY: the kernel reads the NUL-terminated path.
    unsafe { call(nr::FACCESSAT, [int(AT_FDCWD), text(path), 0, 0, 0, 0]) }.is_ok()
}

/// How a descriptor was opened: O_RDONLY, O_WRONLY, O_RDWR; O_PATH where it gives access to nothing.
pub fn open_mode(fd: i32) -> Result<usize> {
    const F_GETFL: usize = 3;
    plain(nr::FCNTL, [int(fd), F_GETFL]).map(|flags| if flags & O_PATH != 0 { O_PATH } else { flags & 3 })
}

pub fn chdir(path: &CStr) -> Result {
    // SAFETY: the kernel reads the NUL-terminated path.
    unsafe { call(nr::CHDIR, [text(path), 0, 0, 0, 0, 0]) }.map(drop)
}

/// What identifies a file, and what it is.
pub struct Stat {
    pub dev: u64,
    pub ino: u64,
    pub size: u64,
    pub mode: u32,
}

impl Stat {
    pub fn is_dir(&self) -> bool {
        self.mode & 0o170_000 == 0o040_000
    }
    pub fn is_regular(&self) -> bool {
        self.mode & 0o170_000 == 0o100_000
    }
}

/// statx of a descriptor; `dev` is put together as in `struct stat`.
pub fn stat(fd: i32) -> Result<Stat> {
    let mut raw = [0u64; 32];
    // SAFETY: the kernel reads an empty string and writes the 256 bytes of struct statx into `raw`.
    unsafe { call(nr::STATX, [int(fd), text(c""), AT_EMPTY_PATH, 0x7ff, raw.as_mut_ptr() as usize, 0])? };
    let [mode, ino, size, dev] = [raw[3], raw[4], raw[5], raw[17]];
    let (major, minor) = (dev & 0xffff_ffff, dev >> 32);
    let dev = (major & 0xffff_f000) << 32 | (major & 0xfff) << 8 | (minor & 0xffff_ff00) << 12 | minor & 0xff;
    Ok(Stat { dev, ino, size, mode: (mode >> 32) as u32 & 0xffff })
}

pub fn fsopen(kind: &CStr) -> Result<Fd> {
    // SAFETY: the kernel reads a NUL-terminated string.
    unsafe { call(common::FSOPEN, [text(kind), 1, 0, 0, 0, 0]) }.map(Fd::new)
}

/// fsconfig FSCONFIG_SET_STRING.
pub fn set(fs: &Fd, key: &CStr, value: &CStr) -> Result {
    // SAFETY: the kernel reads two NUL-terminated strings.
    unsafe { call(common::FSCONFIG, [int(fs.raw()), 1, text(key), text(value), 0, 0]) }.map(drop)
}

/// Makes the file system, and a mount of it that is attached nowhere yet.
pub fn mount(fs: &Fd, attributes: u64) -> Result<Fd> {
    plain(common::FSCONFIG, [int(fs.raw()), 6, 0, 0, 0])?;
    plain(common::FSMOUNT, [int(fs.raw()), 1, attributes as usize]).map(Fd::new)
}

/// A copy of the mounts at and below `path` seen from `dir` (an empty path: `dir` itself), attached nowhere yet.
pub fn clone_tree(dir: i32, path: &CStr) -> Result<Fd> {
    let flags = 1 | CLOEXEC | AT_EMPTY_PATH | AT_SYMLINK_NOFOLLOW | AT_RECURSIVE;
    // SAFETY: the kernel reads a NUL-terminated string.
    unsafe { call(common::OPEN_TREE, [int(dir), text(path), flags, 0, 0, 0]) }.map(Fd::new)
}

/// Attaches a detached mount at `path` seen from `dir` (an empty path: at `dir` itself). Follows no link.
pub fn attach(mount: i32, dir: i32, path: &CStr) -> Result {
    // MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH
    // SAFETY: the kernel reads two NUL-terminated strings.
    unsafe { call(common::MOVE_MOUNT, [int(mount), text(c""), int(dir), text(path), 0x44, 0]) }.map(drop)
}

pub const MOUNT_RDONLY: u64 = 1;
pub const MOUNT_NOSUID: u64 = 2;
pub const MOUNT_NODEV: u64 = 4;
pub const MOUNT_NOEXEC: u64 = 8;
const MOUNT_IDMAP: u64 = 0x10_0000;
const MS_PRIVATE: u64 = 1 << 18;

/// Adds flags to a mount: to what lies below it too when `all`, which also cuts it off from events of the host.
/// Flags are only added, so that those which a user namespace locks are no obstacle.
pub fn restrict(mount: i32, flags: u64, all: bool) -> Result {
    set_attributes(mount, all, [flags, 0, if all { MS_PRIVATE } else { 0 }, 0])
}

/// Shows the files of a detached mount with the owners that the user namespace `users` maps.
pub fn idmap(mount: i32, users: &Fd, all: bool) -> Result {
    set_attributes(mount, all, [MOUNT_IDMAP, 0, 0, users.raw() as u64])
}

fn set_attributes(mount: i32, all: bool, attributes: [u64; 4]) -> Result {
    let flags = AT_EMPTY_PATH | if all { AT_RECURSIVE } else { 0 };
    let pointer = attributes.as_ptr() as usize;
    // SAFETY: the kernel reads an empty string and the 32 bytes of struct mount_attr.
    unsafe { call(common::MOUNT_SETATTR, [int(mount), text(c""), flags, pointer, 32, 0]) }.map(drop)
}

/// Makes the mount at `root` this namespace's root; the old root lies on top of it afterwards.
pub fn pivot(root: &Fd) -> Result {
    plain(nr::FCHDIR, [int(root.raw())])?;
    // SAFETY: the kernel reads two NUL-terminated strings.
    unsafe { call(nr::PIVOT_ROOT, [text(c"."), text(c"."), 0, 0, 0, 0]) }.map(drop)
}

/// Takes the topmost mount off the working directory, with all that lies below it.
pub fn detach_here() -> Result {
    // SAFETY: the kernel reads a NUL-terminated string. MNT_DETACH.
    unsafe { call(nr::UMOUNT2, [text(c"."), 2, 0, 0, 0, 0]) }.map(drop)
}

/// Reads directory entries (struct linux_dirent64) from the start when `rewind`.
pub fn entries(dir: i32, rewind: bool, into: &mut [u8]) -> Result<usize> {
    if rewind {
        plain(nr::LSEEK, [int(dir), 0, 0])?;
    }
    // SAFETY: the kernel writes at most into.len() bytes into a buffer that we hold alone.
    unsafe { call(nr::GETDENTS64, [int(dir), into.as_mut_ptr() as usize, into.len(), 0, 0, 0]) }
}
