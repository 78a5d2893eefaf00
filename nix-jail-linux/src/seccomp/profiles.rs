//! What the other profiles change in [`table`](super::table): rows that replace the row of that name.

use super::table::{Row, allow, ask};
use super::{EOPNOTSUPP, Verdict, arguments};

const NAMESPACES: &str = "nested sandboxes make namespaces of their own";
const MOUNTS: &str = "nested sandboxes mount inside namespaces of their own; without a capability the kernel refuses";
const TRACING: &str = "debuggers and strace, on processes of the same jail";

/// `strict`: memory that is writable never becomes executable. The other half, `PR_SET_MDWE` (see
/// PR_SET_MDWE(2const)), is set by the helper.
pub(super) const STRICT: &[Row] =
    &[ask("memfd_create", &arguments::NOEXEC_SEAL, "a memory file that can be executed would go round W^X")];

/// `build`: debuggers, `nix-build`, `bwrap` and other nested sandboxes.
pub(super) const BUILD: &[Row] = &[
    allow("chroot", MOUNTS),
    allow("clone", NAMESPACES),
    allow("clone3", NAMESPACES),
    allow("fsconfig", MOUNTS),
    absent_attribute("fsetxattr"),
    allow("fsmount", MOUNTS),
    allow("fsopen", MOUNTS),
    allow("fspick", MOUNTS),
    allow("kcmp", TRACING),
    absent_attribute("lsetxattr"),
    allow("mount", MOUNTS),
    allow("mount_setattr", MOUNTS),
    allow("move_mount", MOUNTS),
    allow("name_to_handle_at", "build tools use it to tell mounts apart; opening a handle stays denied"),
    allow("open_tree", MOUNTS),
    allow("open_tree_attr", MOUNTS),
    allow("personality", "32-bit builds and debuggers: linux32, a fixed address layout"),
    allow("pivot_root", MOUNTS),
    allow("process_vm_readv", TRACING),
    allow("process_vm_writev", TRACING),
    allow("ptrace", TRACING),
    allow("setdomainname", "nix-build names its sandbox; without a capability in a UTS namespace the kernel refuses"),
    allow("sethostname", "nix-build names its sandbox; without a capability in a UTS namespace the kernel refuses"),
    allow("setns", NAMESPACES),
    absent_attribute("setxattr"),
    absent_attribute("setxattrat"),
    allow("umount2", MOUNTS),
    allow("unshare", NAMESPACES),
];

/// A namespace of the job's own gives the right to put file capabilities on what it owns, on the host's disk too.
const fn absent_attribute(name: &'static str) -> Row {
    Row {
        name,
        verdict: Verdict::Errno(EOPNOTSUPP),
        why: "file capabilities would stay on the host's disk; as on a file system without attributes",
    }
}

#[cfg(test)]
mod tests {
    use super::super::table::TABLE;
    use super::*;

    #[test]
    fn a_change_changes_a_row() {
        for change in STRICT.iter().chain(BUILD) {
            let row = TABLE.iter().find(|row| row.name == change.name);
            let row = row.unwrap_or_else(|| panic!("no such call: {}", change.name));
            assert_ne!(row.verdict, change.verdict, "{}", change.name);
            assert!(!change.why.is_empty(), "{}", change.name);
        }
    }

    #[test]
    fn changes_are_sorted_and_unique() {
        assert!(STRICT.is_sorted_by(|a, b| a.name < b.name));
        assert!(BUILD.is_sorted_by(|a, b| a.name < b.name));
    }
}
