//! What a job is: data, without descriptors or handles, that can be stored and sent.

mod env;
mod limits;
mod mounts;
mod root;

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};

pub use env::Environment;
pub use limits::Limits;
pub use mounts::{Access, MountSource, MountSpec, WorkspaceSpec};
pub use root::Root;

use crate::{Feature, JobId, os_text};

/// A command and everything that is granted to it. What is not named here, the job does not get.
///
/// A field that is not known is an error: a limit that is misspelt, or newer than this, must not be left out silently.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct JobSpec {
    /// The caller's name for the job; none = one is made up.
    #[serde(default)]
    pub id: Option<JobId>,
    /// What the job sees as `/`.
    #[serde(default)]
    pub root: Root,
    /// An absolute path in the jail, a path relative to the working directory, or a bare name that is looked up in the
    /// jail's own `PATH`.
    #[serde(with = "os_text")]
    pub program: PathBuf,
    /// Its arguments, without the program's own name.
    #[serde(default, with = "os_text::list")]
    pub args: Vec<OsString>,
    /// Variables beyond those that the jail sets itself (`HOME`, `USER`, `PATH`, `TERM`, `LANG`). Nothing is inherited.
    #[serde(default)]
    pub env: Environment,
    /// Where the program starts, in the jail; none = `/workspace`.
    #[serde(default, with = "os_text::option")]
    pub working_dir: Option<PathBuf>,
    /// What lies at `/workspace`.
    #[serde(default)]
    pub workspace: WorkspaceSpec,
    /// More mounts.
    #[serde(default)]
    pub mounts: Vec<MountSpec>,
    /// What may be reached.
    #[serde(default)]
    pub network: NetworkPolicy,
    /// What may be used up.
    #[serde(default)]
    pub limits: Limits,
    /// How tight the system call filter is.
    #[serde(default)]
    pub profile: Profile,
    /// Promises that may be kept in part only, or not at all.
    #[serde(default)]
    pub may_degrade: BTreeSet<Feature>,
}

impl JobSpec {
    /// A job that runs `program` with nothing granted.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self {
            id: None,
            root: Root::default(),
            program: program.into(),
            args: Vec::new(),
            env: Environment::default(),
            working_dir: None,
            workspace: WorkspaceSpec::default(),
            mounts: Vec::new(),
            network: NetworkPolicy::default(),
            limits: Limits::default(),
            profile: Profile::default(),
            may_degrade: BTreeSet::new(),
        }
    }
}

/// What a job may reach.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NetworkPolicy {
    /// Its own loopback interface and nothing else.
    #[default]
    None,
}

/// How much of the kernel a job may talk to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Profile {
    /// What ordinary programs, language runtimes and builds use.
    #[default]
    Default,
    /// `Default`, and memory that is writable can never become executable.
    Strict,
    /// `Default`, and tracing, nested namespaces and mounts inside them: debuggers, `nix-build`, nested sandboxes.
    Build,
}
