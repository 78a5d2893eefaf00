//! The language between this library and the helper: a *plan*, encoded here and read in `helper/`, and the messages on
//! the control socket. The reading side is shared with the helper, file by file.

mod encode;
#[cfg(test)]
mod tests;

#[path = "../../helper/codes.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "shared with the helper, which uses the other half")]
pub(crate) mod codes;
#[path = "../../helper/plan.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "shared with the helper, which uses the other half")]
pub(crate) mod decode;
#[path = "../../helper/ops.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "shared with the helper, which uses the other half")]
pub(crate) mod ops;
#[path = "../../helper/read.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "shared with the helper, which uses the other half")]
pub(crate) mod read;
#[path = "../../helper/wire.rs"]
#[allow(dead_code, unreachable_pub, missing_docs, reason = "shared with the helper, which uses the other half")]
pub(crate) mod wire;

use std::ffi::OsString;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that the helper does for one jail, and its first program.
#[derive(Clone, Debug, Default)]
pub(crate) struct Plan {
    pub(crate) identity: Identity,
    pub(crate) hostname: String,
    /// A network namespace of its own, with `lo` up. Otherwise the jail shares the embedder's.
    pub(crate) private_network: bool,
    pub(crate) limits: Limits,
    /// The file system in memory behind the skeleton and all scratch directories; zero: the default of tmpfs(5).
    pub(crate) memory_bytes: u64,
    pub(crate) memory_inodes: u64,
    pub(crate) ops: Vec<Op>,
    pub(crate) landlock: Option<Landlock>,
    /// `struct sock_filter`s, eight bytes each; empty: no filter.
    pub(crate) seccomp: Vec<u8>,
    pub(crate) rlimits: Vec<Rlimit>,
    pub(crate) umask: u32,
    /// No memory that was writable becomes executable (PR_SET_MDWE).
    pub(crate) mdwe: bool,
    /// Standard input becomes the job's controlling terminal.
    pub(crate) terminal: bool,
    /// CPU time is counted by the kernel, or there is no jail.
    pub(crate) exact_cpu: bool,
    pub(crate) command: Command,
}

/// A program to start.
#[derive(Clone, Debug, Default)]
pub(crate) struct Command {
    pub(crate) cwd: PathBuf,
    /// Absolute paths to try in this order, as execvp does.
    pub(crate) candidates: Vec<PathBuf>,
    pub(crate) argv: Vec<OsString>,
    /// `NAME=value`.
    pub(crate) envp: Vec<OsString>,
}

/// Who the job is, inside and outside.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Identity {
    pub(crate) uid: u32,
    pub(crate) gid: u32,
    pub(crate) host_uid: u32,
    pub(crate) host_gid: u32,
    /// The embedder is root: any host user is possible, supplementary groups are dropped, OUTER binds are allowed.
    pub(crate) privileged: bool,
}

/// What process 1 watches over. Zero: no limit.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Limits {
    pub(crate) wall_ns: u64,
    pub(crate) cpu_ns: u64,
    /// Bytes on standard output and standard error together. With it, both become pipes.
    pub(crate) output_bytes: u64,
}

/// One operation. `path` and `target` are absolute, below `/`, in their only spelling; parents have to be there: a
/// `Dir` for each. Directories are made first, then files, then links, whatever their order; then mounts in theirs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Op {
    Dir {
        path: PathBuf,
        mode: u32,
    },
    File {
        path: PathBuf,
        mode: u32,
        data: Arc<[u8]>,
    },
    Link {
        path: PathBuf,
        target: PathBuf,
    },
    Bind(Bind),
    /// A file system of its own; zero bytes or inodes: the kernel's default.
    Tmpfs {
        target: PathBuf,
        mode: u32,
        bytes: u64,
        inodes: u64,
        writable: bool,
        exec: bool,
    },
    /// A writable directory of the plan's memory; the same name is the same directory.
    Scratch {
        target: PathBuf,
        mode: u32,
        name: String,
        exec: bool,
    },
    Proc {
        target: PathBuf,
    },
    Devpts {
        target: PathBuf,
    },
    /// Hides what is there: an empty read-only file or directory is put over it. What is not there is passed over.
    Mask {
        target: PathBuf,
    },
    /// A place for a later mount, inside a mount of the jail's own memory (`Scratch`, `Tmpfs`); what is there already stays.
    Inner {
        path: PathBuf,
        dir: bool,
    },
}

/// Something of the host's, shown at `target`, which has to exist in the skeleton with the same kind. The source's path
/// may hold no symbolic link.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bind {
    pub(crate) source: PathBuf,
    pub(crate) target: PathBuf,
    pub(crate) writable: bool,
    pub(crate) exec: bool,
    /// `st_dev` and `st_ino`: another file is refused.
    pub(crate) identity: Option<(u64, u64)>,
    /// Opened with the embedder's own rights in the host's namespaces (privileged plans only).
    pub(crate) outer: bool,
    /// Owner on disk (uid, gid) that appears as the job's user; implies `outer`.
    pub(crate) idmap: Option<(u32, u32)>,
    /// A device node, which stays usable.
    pub(crate) device: bool,
    /// An absent source is passed over.
    pub(crate) optional: bool,
}

/// One `setrlimit`; what lies above the hard limit that is there already is lowered to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rlimit {
    pub(crate) resource: u32,
    pub(crate) soft: u64,
    pub(crate) hard: u64,
}

/// A Landlock rule set: only access rights that the kernel at hand knows.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Landlock {
    pub(crate) handled_fs: u64,
    pub(crate) handled_net: u64,
    pub(crate) scoped: u64,
    /// Access beneath a path inside the jail. An absent path is passed over; rights that only directories have are
    /// left out where the path is a file.
    pub(crate) rules: Vec<(PathBuf, u64)>,
}
