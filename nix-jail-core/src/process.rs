//! A process behind walls, as every backend presents it.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::os::fd::OwnedFd;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Serialize, Serializer};

use crate::{Feature, Result, SocketRequest};

/// A jailed process. All by `&self`: one task waits while another kills, resizes or attaches.
///
/// Dropping the last handle ends the process.
#[async_trait]
pub trait ProcessControl: fmt::Debug + Send + Sync {
    /// A socket made inside the jail's network, at any time: listeners for interception, streams for publishing.
    async fn socket(&self, want: &SocketRequest) -> Result<OwnedFd>;
    /// Starts the program. Returns once it has been executed.
    ///
    /// # Errors
    /// [`Error::NotFound`](crate::Error::NotFound) and [`Error::NotExecutable`](crate::Error::NotExecutable).
    async fn release(&self) -> Result<()>;
    /// Repeatable: every caller gets the same answer. When it returns, every process of the job is dead.
    async fn wait(&self) -> Result<Exit>;
    /// Does something to the process.
    async fn control(&self, what: Control) -> Result<()>;
    /// A second program behind the same walls (a shell in a running or kept jail).
    async fn exec(&self, command: &Exec, io: Stdio) -> Result<Process>;
    /// What has been used so far.
    async fn usage(&self) -> Result<Usage>;
}

/// A shared handle to a jailed process.
pub type Process = Arc<dyn ProcessControl>;

/// What can be done to a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Control {
    /// Sends this signal, see signal(7), to the program's process group.
    Signal(i32),
    /// Ends every process of the job.
    Kill,
    /// Stops every process of the job.
    Freeze,
    /// Lets them go on.
    Thaw,
    /// Tells the terminal its new size.
    Resize {
        /// Lines of text.
        rows: u16,
        /// Characters of a line.
        columns: u16,
    },
}

/// The descriptors of a process. They are no part of a spec: a spec is data, and can be sent. `None` = `/dev/null`.
#[derive(Debug, Default)]
#[non_exhaustive]
pub struct Stdio {
    /// Descriptor 0.
    pub stdin: Option<OwnedFd>,
    /// Descriptor 1.
    pub stdout: Option<OwnedFd>,
    /// Descriptor 2.
    pub stderr: Option<OwnedFd>,
    /// The master side of a terminal for the process.
    pub pty: Option<OwnedFd>,
}

/// A second program for a running jail.
#[derive(Clone)]
#[non_exhaustive]
pub struct Exec {
    /// As [`JobSpec::program`](crate::JobSpec::program).
    pub program: PathBuf,
    /// Where it starts; none = where the first program started.
    pub working_dir: Option<PathBuf>,
    /// Its arguments, without its own name.
    pub args: Vec<OsString>,
    /// Its whole environment.
    pub env: BTreeMap<OsString, OsString>,
}

impl Exec {
    /// A program with no arguments and an empty environment.
    pub fn new(program: impl Into<PathBuf>) -> Self {
        Self { program: program.into(), working_dir: None, args: Vec::new(), env: BTreeMap::new() }
    }
}

impl fmt::Debug for Exec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exec").field("program", &self.program).field("args", &self.args).finish_non_exhaustive()
    }
}

/// How a job ended. It travels as data: an embedder that ignores SIGCHLD or waits for every child cannot lose it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Exit {
    /// What the program returned, if it returned.
    pub code: Option<i32>,
    /// The signal that ended it, if one did.
    pub signal: Option<i32>,
    /// Why.
    pub reason: Reason,
    /// What it used.
    pub usage: Usage,
}

impl Exit {
    /// An ending.
    pub fn new(reason: Reason, code: Option<i32>, signal: Option<i32>, usage: Usage) -> Self {
        Self { code, signal, reason, usage }
    }

    /// Whether the program ended by itself with code 0.
    pub fn success(&self) -> bool {
        self.reason == Reason::Exited && self.code == Some(0)
    }
}

/// Why a job ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// By itself.
    Exited,
    /// A signal that nix-jail did not send.
    Signalled,
    /// The wall clock limit.
    TimedOut,
    /// Another limit.
    LimitReached(Feature),
    /// The embedder ended it.
    Cancelled,
    /// What held the jail died; the job with it.
    LauncherDied,
}

impl Reason {
    /// The word for it in JSON and on the command line.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Exited => "exited",
            Self::Signalled => "signal",
            Self::TimedOut => "timeout",
            Self::LimitReached(Feature::CpuTime) => "cpu",
            Self::LimitReached(Feature::Memory) => "oom",
            Self::LimitReached(Feature::Tasks) => "pids",
            Self::LimitReached(feature) => feature.name(),
            Self::Cancelled => "cancelled",
            Self::LauncherDied => "launcher-died",
        }
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

impl Serialize for Reason {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        to.serialize_str(self.word())
    }
}

/// What a job used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Usage {
    /// From the program's start to its end.
    pub wall: Duration,
    /// CPU time, user and system, of all processes.
    pub cpu: Duration,
    /// The most memory that was held at once, where it is counted. Of the largest process, where nothing counts all.
    pub peak_memory_bytes: Option<u64>,
}

impl Usage {
    /// What was used.
    pub const fn new(wall: Duration, cpu: Duration, peak_memory_bytes: Option<u64>) -> Self {
        Self { wall, cpu, peak_memory_bytes }
    }
}
