//! The plan of what a job sees, from the filesystem provider to the isolation provider: data, since a rootless root has
//! no path on the host.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;

/// Everything that a job sees, and where it starts.
#[derive(Clone, Default)]
#[non_exhaustive]
pub struct Workspace {
    /// In the order in which they are made.
    pub mounts: Vec<Mount>,
    /// Where the program starts.
    pub working_dir: PathBuf,
    /// Variables that follow from the root (`PATH`, `HOME`, ..); the spec's own win over them.
    pub env: BTreeMap<OsString, OsString>,
}

impl fmt::Debug for Workspace {
    /// Without the values of variables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { mounts, working_dir, env } = self;
        let env = env.keys().collect::<Vec<_>>();
        f.debug_struct("Workspace")
            .field("mounts", mounts)
            .field("working_dir", working_dir)
            .field("env", &env)
            .finish()
    }
}

/// One thing to see.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Mount {
    /// What.
    pub source: Source,
    /// Where: absolute, inside the jail.
    pub target: PathBuf,
    /// Whether the job may write to it.
    pub writable: bool,
    /// Whether programs on it may be executed.
    pub exec: bool,
}

impl Mount {
    /// Read-only, executable.
    pub fn new(source: Source, target: impl Into<PathBuf>) -> Self {
        Self { source, target: target.into(), writable: false, exec: true }
    }

    /// The same, writable.
    #[must_use]
    pub fn writable(self) -> Self {
        Self { writable: true, ..self }
    }

    /// The same, without execution.
    #[must_use]
    pub fn no_exec(self) -> Self {
        Self { exec: false, ..self }
    }
}

/// What a mount is made of.
#[derive(Clone)]
#[non_exhaustive]
pub enum Source {
    /// A file or directory of the host that belongs to its machinery: read by everybody, shown as it is.
    Path(PathBuf),
    /// A file or directory that the caller granted. The job's user stands in for its owner, and the object is the one
    /// that was looked at: another that takes its place in the meantime is refused.
    Granted {
        /// Without symlinks.
        path: PathBuf,
        /// Which object it was.
        identity: Identity,
    },
    /// An open file or directory.
    Fd(Arc<OwnedFd>),
    /// An empty directory in memory.
    Tmpfs {
        /// The most that it holds; 0 = the backend's default.
        bytes: u64,
        /// The most files; 0 = the backend's default.
        inodes: u64,
    },
    /// An empty directory of the jail's own scratch space, which is one file system with one size.
    Scratch,
    /// An empty directory.
    Dir,
    /// A small file with this content.
    File(Arc<[u8]>),
    /// A symlink to this.
    Symlink(PathBuf),
    /// Layers of directories as one.
    Overlay {
        /// Uppermost first.
        lower: Vec<PathBuf>,
        /// Data-only layers.
        data: Vec<PathBuf>,
        /// Where writes go.
        upper: Option<PathBuf>,
    },
}

/// Which object a path named when it was looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Identity {
    /// Device.
    pub dev: u64,
    /// Inode.
    pub ino: u64,
    /// Owner on disk.
    pub uid: u32,
    /// Group on disk.
    pub gid: u32,
    /// Whether it is a directory.
    pub is_dir: bool,
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Path(path) => write!(f, "{}", path.display()),
            Self::Granted { path, .. } => write!(f, "{}", path.display()),
            Self::Fd(fd) => write!(f, "{fd:?}"),
            Self::Tmpfs { bytes: 0, .. } => f.write_str("tmpfs"),
            Self::Tmpfs { bytes, .. } => write!(f, "tmpfs of {bytes} bytes"),
            Self::Scratch => f.write_str("scratch"),
            Self::Dir => f.write_str("directory"),
            Self::File(content) => write!(f, "file of {} bytes", content.len()),
            Self::Symlink(to) => write!(f, "-> {}", to.display()),
            Self::Overlay { lower, .. } => write!(f, "overlay of {lower:?}"),
        }
    }
}
