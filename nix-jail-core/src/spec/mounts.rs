use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::{ByteSize, os_text};

/// Whether a job may write to something of the host's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// Reading and executing only.
    ReadOnly,
    /// Writing too.
    ReadWrite,
}

/// What lies at `/workspace`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum WorkspaceSpec {
    /// An empty directory in memory, gone afterwards.
    #[default]
    Scratch,
    /// A directory of the host.
    Dir {
        /// Its path on the host.
        #[serde(with = "os_text")]
        path: PathBuf,
        /// What the job may do to it.
        access: Access,
    },
}

/// One more thing to see. Always nosuid and nodev.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct MountSpec {
    /// What to show.
    pub source: MountSource,
    /// Where: an absolute path in the jail. Inside a directory of the host it must exist already; nothing is ever
    /// created there.
    #[serde(with = "os_text")]
    pub target: PathBuf,
}

impl MountSpec {
    /// Shows a file or directory of the host.
    pub fn host(path: impl Into<PathBuf>, target: impl Into<PathBuf>, access: Access) -> Self {
        Self { source: MountSource::Host { path: path.into(), access }, target: target.into() }
    }

    /// Shows an empty directory in memory.
    pub fn tmpfs(target: impl Into<PathBuf>, size: Option<ByteSize>) -> Self {
        Self { source: MountSource::Tmpfs { size }, target: target.into() }
    }
}

/// What a mount shows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[non_exhaustive]
pub enum MountSource {
    /// A file or directory of the host.
    Host {
        /// Its path on the host.
        #[serde(with = "os_text")]
        path: PathBuf,
        /// What the job may do to it.
        access: Access,
    },
    /// An empty directory in memory.
    Tmpfs {
        /// The most that it holds; none = half the machine's memory.
        size: Option<ByteSize>,
    },
}
