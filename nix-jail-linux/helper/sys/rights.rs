//! What a process may do: identity, capabilities, limits, Landlock and seccomp.
use super::{Fd, Result, call, int, plain};
use crate::arch::{common, nr};

pub fn prctl(option: usize, value: usize) -> Result {
    plain(nr::PRCTL, [option, value, 0, 0, 0]).map(drop)
}

pub fn no_groups() -> Result {
    plain(nr::SETGROUPS, [0, 0]).map(drop)
}

/// Real, effective and saved ids.
pub fn become_user(uid: u32, gid: u32) -> Result {
    let (uid, gid) = (uid as usize, gid as usize);
    plain(nr::SETRESGID, [gid, gid, gid])?;
    plain(nr::SETRESUID, [uid, uid, uid]).map(drop)
}

pub fn set_hostname(name: &[u8]) -> Result {
    // SAFETY: the kernel reads name.len() bytes.
    unsafe { call(nr::SETHOSTNAME, [name.as_ptr() as usize, name.len(), 0, 0, 0, 0]) }.map(drop)
}

/// Effective and permitted capabilities; none is inheritable.
pub fn capabilities(keep: u64) -> Result {
    let header = [0x2008_0522u32, 0];
    let (low, high) = (keep as u32, (keep >> 32) as u32);
    let sets = [low, low, 0, high, high, 0];
    // SAFETY: the kernel reads (and may write) the 8 bytes of the header and reads the 24 bytes of the sets.
    unsafe { call(nr::CAPSET, [header.as_ptr() as usize, sets.as_ptr() as usize, 0, 0, 0, 0]) }.map(drop)
}

/// Sets a limit of this process; one above the hard limit that is already there is lowered to it.
pub fn limit(resource: u32, soft: u64, hard: u64) -> Result {
    let mut old = [0u64; 2];
    let mut set = |new: [u64; 2]| {
        let (new, old) = (new.as_ptr() as usize, old.as_mut_ptr() as usize);
        // SAFETY: the kernel reads 16 bytes of `new` and writes 16 bytes of `old`.
        unsafe { call(nr::PRLIMIT64, [0, resource as usize, new, old, 0, 0]) }
    };
    if set([soft, hard]).is_ok() {
        return Ok(());
    }
    let pointer = old.as_mut_ptr() as usize;
    // SAFETY: the kernel writes the 16 bytes of `old`.
    unsafe { call(nr::PRLIMIT64, [0, resource as usize, 0, pointer, 0, 0])? };
    let new = [soft.min(old[1]), hard.min(old[1])];
    // SAFETY: the kernel reads the 16 bytes of `new`.
    unsafe { call(nr::PRLIMIT64, [0, resource as usize, new.as_ptr() as usize, 0, 0, 0]) }.map(drop)
}

pub fn landlock_ruleset(attributes: [u64; 3]) -> Result<Fd> {
    // SAFETY: the kernel reads the 24 bytes of struct landlock_ruleset_attr.
    unsafe { call(common::LANDLOCK_CREATE, [attributes.as_ptr() as usize, 24, 0, 0, 0, 0]) }.map(Fd::new)
}

/// A rule of type LANDLOCK_RULE_PATH_BENEATH.
pub fn landlock_allow(ruleset: i32, path: i32, access: u64) -> Result {
    let rule = [access, path as u64];
    // SAFETY: the kernel reads the 12 bytes of the packed struct landlock_path_beneath_attr, little-endian.
    unsafe { call(common::LANDLOCK_ADD, [int(ruleset), 1, rule.as_ptr() as usize, 0, 0, 0]) }.map(drop)
}

pub fn landlock_restrict(ruleset: i32) -> Result {
    plain(common::LANDLOCK_RESTRICT, [int(ruleset), 0]).map(drop)
}

/// SECCOMP_SET_MODE_FILTER with `struct sock_filter`s.
pub fn seccomp(filter: &[u8]) -> Result {
    let program = [filter.len() / 8, filter.as_ptr() as usize];
    // SAFETY: the kernel reads struct sock_fprog and the instructions that it names.
    unsafe { call(nr::SECCOMP, [1, 0, program.as_ptr() as usize, 0, 0, 0]) }.map(drop)
}
