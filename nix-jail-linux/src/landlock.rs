//! The Landlock rules of a job (landlock(7)), as data. The helper makes them hold, after the root is in place.
//!
//! They are a second wall behind the mounts: what is not mounted does not exist, and what is mounted read-only stays so
//! even where a mount flag was forgotten. A kernel denies only the accesses that a ruleset *handles*, so each version of
//! the interface (its ABI) gets all that it knows, and an older one as much as there is.
//!
//! TCP is not handled, on purpose: the network namespace is that wall, and there every address is local, so that a rule by
//! port would say nothing. A job that mounts (profile `build`) cannot have a ruleset at all: Landlock denies mount(2).

use std::path::PathBuf;

use crate::plan::Landlock;

const EXECUTE: u64 = 1 << 0;
const READ_FILE: u64 = 1 << 2;
const READ_DIR: u64 = 1 << 3;
/// All of ABI 1: the above, WRITE_FILE, and what adds to, removes from and renames within a directory (REMOVE_DIR to
/// MAKE_SYM).
const FIRST_VERSION: u64 = (1 << 13) - 1;
const REFER: u64 = 1 << 13;
const TRUNCATE: u64 = 1 << 14;
const IOCTL_DEV: u64 = 1 << 15;

const READ: u64 = EXECUTE | READ_FILE | READ_DIR;

const SCOPE_ABSTRACT_UNIX_SOCKET: u64 = 1 << 0;
const SCOPE_SIGNAL: u64 = 1 << 1;

/// The rules for a kernel that knows `abi` (0: no Landlock, and none are made).
///
/// Everything may be listed, read and executed. What is in `writable` may be used in every way that the kernel knows.
/// Among it should be `/dev`, as `ioctl` on a device is a way of its own, and `/proc`, where threads write each other's
/// names; mounts protect what must not be written there. Rights add up along a path; of those on a file the helper leaves
/// out what only directories have.
pub(crate) fn ruleset(abi: u32, writable: &[PathBuf]) -> Option<Landlock> {
    if abi == 0 {
        return None;
    }
    let handled_fs = handled_fs(abi);
    let scoped = if abi >= 6 { SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL } else { 0 };
    let all = std::iter::once((PathBuf::from("/"), READ));
    let rules = all.chain(writable.iter().map(|path| (path.clone(), handled_fs))).collect();
    Some(Landlock { handled_fs, handled_net: 0, scoped, rules })
}

/// All that an ABI knows. Younger ones than 7 handle nothing more until a row is added here: a right that we do not know
/// is a right that we would not grant.
fn handled_fs(abi: u32) -> u64 {
    let since = [(1, FIRST_VERSION), (2, REFER), (3, TRUNCATE), (5, IOCTL_DEV)];
    since.into_iter().filter(|&(version, _)| version <= abi).fold(0, |all, (_, access)| all | access)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(abi: u32) -> Landlock {
        ruleset(abi, &["/workspace".into(), "/dev".into()]).expect("an ABI")
    }

    #[test]
    fn no_landlock_no_rules() {
        assert_eq!(ruleset(0, &[]), None);
    }

    /// The numbers are those of `linux/landlock.h`, written out.
    #[test]
    fn every_abi_handles_all_that_it_knows() {
        let expected = [(1, 0x1FFF), (2, 0x3FFF), (3, 0x7FFF), (4, 0x7FFF), (5, 0xFFFF), (6, 0xFFFF), (7, 0xFFFF)];
        for (abi, handled_fs) in expected {
            assert_eq!(of(abi).handled_fs, handled_fs, "{abi}");
            assert_eq!(of(abi).handled_net, 0, "{abi}");
            assert_eq!(of(abi).scoped, if abi < 6 { 0 } else { 3 }, "{abi}");
        }
        assert_eq!(of(99), of(7), "a kernel from the future");
    }

    #[test]
    fn the_root_is_read_and_executed_and_what_is_writable_is_whole() {
        for abi in 1..=7 {
            let Landlock { handled_fs, rules, .. } = of(abi);
            let expected = [("/", 0b1101), ("/workspace", handled_fs), ("/dev", handled_fs)];
            assert_eq!(rules, expected.map(|(path, access)| (PathBuf::from(path), access)), "{abi}");
        }
    }
}
