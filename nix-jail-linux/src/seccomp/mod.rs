//! The system call filter of a job (seccomp(2)): data first, code second.
//!
//! [`table`] says what becomes of every system call and why, [`profiles`] what `strict` and `build` change in it,
//! [`arguments`] which arguments are looked at, [`numbers`] what the calls are called here. [`assemble`](mod@assemble)
//! turns that into a program, once a process and profile.
//!
//! Nothing here talks to the kernel: the helper loads the bytes, after `PR_SET_NO_NEW_PRIVS` and the last call of its own
//! that they refuse.

mod arguments;
mod assemble;
#[cfg(test)]
mod interpreter;
mod numbers;
mod profiles;
mod table;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::OnceLock;

use nix_jail_core::Profile;

use arguments::Question;
use table::{Row, TABLE};

// errno(3); these have the same value on every architecture that is supported.
const EPERM: u16 = 1;
const ENOSYS: u16 = 38;
const EPROTONOSUPPORT: u16 = 93;
const EOPNOTSUPP: u16 = 95;
const EAFNOSUPPORT: u16 = 97;

/// The filter of a profile: an array of `struct sock_filter` (8 bytes each) in the machine's byte order, ready for the
/// `struct sock_fprog` that seccomp(2) takes. Compiled at the first call, which takes some tens of microseconds.
pub(crate) fn program(profile: Profile) -> &'static [u8] {
    static DEFAULT: OnceLock<Vec<u8>> = OnceLock::new();
    static STRICT: OnceLock<Vec<u8>> = OnceLock::new();
    static BUILD: OnceLock<Vec<u8>> = OnceLock::new();
    let compiled = match profile {
        Profile::Default => &DEFAULT,
        Profile::Build => &BUILD,
        // A profile that this crate does not know yet gets the narrowest one.
        _ => &STRICT,
    };
    compiled.get_or_init(|| compile(&HERE, changes(profile)))
}

/// What becomes of a system call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Verdict {
    Allow,
    /// The call is not made and fails with this number.
    Errno(u16),
    /// The process ends by SIGSYS.
    Kill,
    /// It depends on an argument.
    Ask(&'static Question),
}

/// An architecture: how the kernel marks its calls (`AUDIT_ARCH_*` in `linux/audit.h`), and their numbers.
struct Arch {
    audit: u32,
    numbers: fn() -> BTreeMap<&'static str, u32>,
}

#[cfg(any(test, target_arch = "x86_64"))]
const X86_64: Arch = Arch { audit: 0xC000_003E, numbers: || numbers::x86_64().collect() };
#[cfg(any(test, target_arch = "aarch64"))]
const AARCH64: Arch = Arch { audit: 0xC000_00B7, numbers: || numbers::aarch64().collect() };

#[cfg(target_arch = "x86_64")]
const HERE: Arch = X86_64;
#[cfg(target_arch = "aarch64")]
const HERE: Arch = AARCH64;
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
compile_error!("the system call filter has no numbers for this architecture: add a column to numbers.rs");

/// The rows that a profile puts in the place of the table's.
fn changes(profile: Profile) -> &'static [Row] {
    match profile {
        Profile::Default => &[],
        Profile::Build => profiles::BUILD,
        _ => profiles::STRICT,
    }
}

fn compile(arch: &Arch, changes: &[Row]) -> Vec<u8> {
    let numbers = (arch.numbers)();
    let verdicts = TABLE.iter().chain(changes).filter_map(|row| Some((*numbers.get(row.name)?, row.verdict)));
    assemble::assemble(arch.audit, &verdicts.collect())
}
