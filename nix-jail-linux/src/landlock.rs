//! The Landlock rules of a job (landlock(7)), as data. The helper makes them hold, after the root is in place.
//!
//! They are a second wall behind the mounts: what is not mounted does not exist, and what is mounted read-only stays so
//! even where a mount flag was forgotten. A kernel denies only the accesses that a ruleset *handles*, so each version of
//! the interface (its ABI) gets all that it knows, and an older one as much as there is.
//!
//! TCP is not handled, on purpose: the network namespace is that wall, and there every address is local, so that a rule by
//! port would say nothing. A job that mounts (profile `build`) cannot have a ruleset at all: Landlock denies mount(2).

use std::ffi::{CStr, CString};

const EXECUTE: u64 = 1 << 0;
const WRITE_FILE: u64 = 1 << 1;
const READ_FILE: u64 = 1 << 2;
const READ_DIR: u64 = 1 << 3;
/// All of ABI 1: the above, and what adds to, removes from and renames within a directory (REMOVE_DIR to MAKE_SYM).
const FIRST_VERSION: u64 = (1 << 13) - 1;
const REFER: u64 = 1 << 13;
const TRUNCATE: u64 = 1 << 14;
const IOCTL_DEV: u64 = 1 << 15;

/// Those that apply to a file itself. A rule on a file that grants another one is refused with EINVAL.
const OF_A_FILE: u64 = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV;
const READ: u64 = EXECUTE | READ_FILE | READ_DIR;

const SCOPE_ABSTRACT_UNIX_SOCKET: u64 = 1 << 0;
const SCOPE_SIGNAL: u64 = 1 << 1;

/// What landlock_create_ruleset(2) and landlock_add_rule(2) are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Ruleset {
    /// `handled_access_fs`: denied unless a rule grants it.
    pub(crate) handled_fs: u64,
    /// `handled_access_net`: always 0, see the module.
    pub(crate) handled_net: u64,
    /// `scoped`: no abstract socket and no signal beyond the job. 0 before ABI 6, which lets the attribute be passed to
    /// kernels that do not know the field.
    pub(crate) scoped: u64,
    pub(crate) rules: Vec<Rule>,
}

/// `struct landlock_path_beneath_attr`, before its path is opened (O_PATH).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Rule {
    /// As the jail sees it.
    pub(crate) path: CString,
    /// `allowed_access`: never empty, and never more than the ruleset handles.
    pub(crate) access: u64,
}

/// The rules for a kernel that knows `abi` (0: no Landlock, and none are made).
///
/// Directories in `readable`, usually just `/`, may be listed, and the files in them read and executed. Directories in
/// `writable` may be used in every way that the kernel knows. Among them should be `/dev`, as `ioctl` on a device is a way
/// of its own, and `/proc`, where threads write each other's names; mounts protect what must not be written there. Files
/// have [`Ruleset::readable_file`] and [`Ruleset::writable_file`]. Rights add up along a path.
pub(crate) fn ruleset<P: AsRef<CStr>>(abi: u32, readable: &[P], writable: &[P]) -> Option<Ruleset> {
    if abi == 0 {
        return None;
    }
    let handled_fs = handled_fs(abi);
    let scoped = if abi >= 6 { SCOPE_ABSTRACT_UNIX_SOCKET | SCOPE_SIGNAL } else { 0 };
    let rule = |path: &P, access| Rule { path: path.as_ref().to_owned(), access };
    let readable = readable.iter().map(|path| rule(path, READ));
    let writable = writable.iter().map(|path| rule(path, handled_fs));
    Some(Ruleset { handled_fs, handled_net: 0, scoped, rules: readable.chain(writable).collect() })
}

impl Ruleset {
    /// A file (not a directory) that may be read and executed.
    pub(crate) fn readable_file(&mut self, path: &CStr) {
        self.file(path, READ);
    }

    /// A file (not a directory) that may be used in every way. It cannot be removed or replaced: that is up to its
    /// directory.
    pub(crate) fn writable_file(&mut self, path: &CStr) {
        self.file(path, self.handled_fs);
    }

    fn file(&mut self, path: &CStr, access: u64) {
        self.rules.push(Rule { path: path.to_owned(), access: access & OF_A_FILE });
    }
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

    fn of(abi: u32) -> Ruleset {
        ruleset(abi, &[c"/"], &[c"/workspace", c"/dev"]).expect("an ABI")
    }

    #[test]
    fn no_landlock_no_rules() {
        assert_eq!(ruleset(0, &[c"/"], &[]), None);
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
            let Ruleset { handled_fs, rules, .. } = of(abi);
            let rules: Vec<(&CStr, u64)> = rules.iter().map(|rule| (&*rule.path, rule.access)).collect();
            assert_eq!(rules, [(c"/", 0b1101), (c"/workspace", handled_fs), (c"/dev", handled_fs)], "{abi}");
        }
    }

    #[test]
    fn a_file_gets_what_applies_to_files() {
        for (abi, writable) in [(1, 0b111), (2, 0b111), (3, 0x4007), (4, 0x4007), (5, 0xC007), (6, 0xC007), (7, 0xC007)]
        {
            let mut ruleset = of(abi);
            ruleset.readable_file(c"/etc/hosts");
            ruleset.writable_file(c"/dev/null");
            let files: Vec<(&CStr, u64)> = ruleset.rules[3..].iter().map(|rule| (&*rule.path, rule.access)).collect();
            assert_eq!(files, [(c"/etc/hosts", 0b101), (c"/dev/null", writable)], "{abi}");
        }
    }

    /// Else landlock_add_rule(2) says EINVAL or ENOMSG.
    #[test]
    fn no_rule_grants_nothing_or_more_than_is_handled() {
        for abi in 1..=7 {
            let mut ruleset = of(abi);
            ruleset.readable_file(c"/etc/hosts");
            ruleset.writable_file(c"/dev/null");
            for Rule { path, access } in &ruleset.rules {
                assert_ne!(*access, 0, "{abi} {path:?}");
                assert_eq!(access & !ruleset.handled_fs, 0, "{abi} {path:?}");
            }
        }
    }
}
