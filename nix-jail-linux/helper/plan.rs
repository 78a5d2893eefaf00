//! The plan: everything that the helper does, as bytes that the library wrote. Read and checked to its end before the
//! first thing is done. Shared by the helper and the library: no allocation, no `unsafe`, and no bytes make it panic.
use super::ops::{self, OUTER_MAX, Op};
use super::read::{Invalid, List, PATH_MAX, Reader};
use core::ffi::CStr;

/// The first bytes of a plan for a jail; the last one is the version of the encoding.
pub const JAIL: u32 = u32::from_le_bytes(*b"NJP\x01");
/// The first bytes of a plan for a further program in a jail.
pub const COMMAND: u32 = u32::from_le_bytes(*b"NJC\x01");

/// The embedder may map any user: groups are dropped, and OUTER binds are possible.
pub const PRIVILEGED: u32 = 1;
/// A network namespace of its own, with `lo` up.
pub const PRIVATE_NET: u32 = 2;
/// No memory that was writable becomes executable (PR_SET_MDWE).
pub const MDWE: u32 = 4;
/// Standard input becomes the controlling terminal.
pub const TERMINAL: u32 = 8;

/// CPU time is counted by the kernel, or there is no jail.
pub const EXACT_CPU: u32 = 16;

/// A jail and its first program.
#[derive(Clone, Debug)]
pub struct Plan<'a> {
    pub flags: u32,
    /// The text for /proc/PID/uid_map and gid_map.
    pub uid_map: &'a [u8],
    pub gid_map: &'a [u8],
    /// Who the job is inside.
    pub uid: u32,
    pub gid: u32,
    /// The same user outside: what the owner of an IDMAP bind becomes.
    pub host_uid: u32,
    pub host_gid: u32,
    pub hostname: &'a [u8],
    /// Size of the file system that holds the skeleton and all scratch directories; zero: the default of tmpfs(5).
    pub bytes: u64,
    pub inodes: u64,
    /// Zero: no limit.
    pub wall_ns: u64,
    pub cpu_ns: u64,
    pub output: u64,
    pub umask: u32,
    pub rlimits: List<'a, Rlimit>,
    pub ops: List<'a, Op<'a>>,
    pub landlock: Option<Landlock<'a>>,
    /// `struct sock_filter`s; empty: no filter.
    pub seccomp: &'a [u8],
    pub command: Command<'a>,
}

/// A program to start.
#[derive(Clone, Debug)]
pub struct Command<'a> {
    pub cwd: &'a CStr,
    /// Paths to try in this order, as execvp does.
    pub candidates: List<'a, &'a CStr>,
    pub argv: List<'a, &'a CStr>,
    pub envp: List<'a, &'a CStr>,
}

/// One `setrlimit`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rlimit {
    pub resource: u32,
    pub soft: u64,
    pub hard: u64,
}

/// What `landlock_create_ruleset` gets, and the rules of type PATH_BENEATH.
#[derive(Clone, Debug)]
pub struct Landlock<'a> {
    pub handled_fs: u64,
    pub handled_net: u64,
    pub scoped: u64,
    pub rules: List<'a, Rule<'a>>,
}

/// Access to everything beneath a path inside the jail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule<'a> {
    pub path: &'a CStr,
    pub access: u64,
}

impl<'a> Plan<'a> {
    /// Reads a whole plan for a jail.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let mut from = Reader::new(bytes);
        expect(&mut from, JAIL)?;
        let plan = Self {
            flags: at_most(&mut from, PRIVILEGED | PRIVATE_NET | MDWE | TERMINAL | EXACT_CPU)?,
            uid_map: from.bytes(PATH_MAX)?,
            gid_map: from.bytes(PATH_MAX)?,
            uid: from.u32()?,
            gid: from.u32()?,
            host_uid: from.u32()?,
            host_gid: from.u32()?,
            hostname: from.bytes(64)?,
            bytes: from.u64()?,
            inodes: from.u64()?,
            wall_ns: from.u64()?,
            cpu_ns: from.u64()?,
            output: from.u64()?,
            umask: at_most(&mut from, 0o777)?,
            rlimits: from.list(16, rlimit)?,
            ops: from.list(1 << 20, ops::read)?,
            landlock: landlock(&mut from)?,
            seccomp: filter(&mut from)?,
            command: command(&mut from)?,
        };
        let outer = plan.ops.clone().filter(|op| matches!(op, Op::Bind(bind) if bind.flags & ops::OUTER != 0)).count();
        let allowed = if plan.flags & PRIVILEGED != 0 { OUTER_MAX } else { 0 };
        if outer <= allowed && from.is_empty() { Ok(plan) } else { Err(from.invalid()) }
    }
}

impl<'a> Command<'a> {
    /// Reads a whole plan for a further program.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, Invalid> {
        let mut from = Reader::new(bytes);
        expect(&mut from, COMMAND)?;
        let command = command(&mut from)?;
        if from.is_empty() { Ok(command) } else { Err(from.invalid()) }
    }
}

fn expect(from: &mut Reader<'_>, magic: u32) -> Result<(), Invalid> {
    let at = from.invalid();
    if from.u32()? == magic { Ok(()) } else { Err(at) }
}

/// A set of bits, none of them outside `known`.
fn at_most(from: &mut Reader<'_>, known: u32) -> Result<u32, Invalid> {
    let at = from.invalid();
    let value = from.u32()?;
    if value & !known == 0 { Ok(value) } else { Err(at) }
}

fn rlimit(from: &mut Reader<'_>) -> Result<Rlimit, Invalid> {
    Ok(Rlimit { resource: from.u32()?, soft: from.u64()?, hard: from.u64()? })
}

fn landlock<'a>(from: &mut Reader<'a>) -> Result<Option<Landlock<'a>>, Invalid> {
    if at_most(from, 1)? == 0 {
        return Ok(None);
    }
    let (handled_fs, handled_net, scoped) = (from.u64()?, from.u64()?, from.u64()?);
    Ok(Some(Landlock { handled_fs, handled_net, scoped, rules: from.list(1 << 16, rule)? }))
}

fn rule<'a>(from: &mut Reader<'a>) -> Result<Rule<'a>, Invalid> {
    Ok(Rule { access: from.u64()?, path: from.path()? })
}

/// Whole instructions of eight bytes, at most as many as the kernel takes.
fn filter<'a>(from: &mut Reader<'a>) -> Result<&'a [u8], Invalid> {
    let at = from.invalid();
    let filter = from.bytes(4096 * 8)?;
    if filter.len() % 8 == 0 { Ok(filter) } else { Err(at) }
}

fn command<'a>(from: &mut Reader<'a>) -> Result<Command<'a>, Invalid> {
    let at = from.invalid();
    let cwd = from.path()?;
    let candidates = from.list(4096, Reader::path)?;
    let argv = from.list(1 << 24, string)?;
    let envp = from.list(1 << 24, string)?;
    let command = Command { cwd, candidates, argv, envp };
    if command.candidates.len() == 0 || command.argv.len() == 0 { Err(at) } else { Ok(command) }
}

/// A string of any length that a plan can hold: whether it is too long, execve says.
fn string<'a>(from: &mut Reader<'a>) -> Result<&'a CStr, Invalid> {
    from.cstr(u32::MAX as usize)
}
