//! The vocabulary of nix-jail: what a job is, what a machine can promise about it, and the life of one run.
//!
//! A [`JobSpec`] is data. [`Jail::admit`] compares what it needs with what the machine's [`Platform`] can promise
//! and refuses before anything is created; [`Jail::start`] then walks one way:
//! `admit -> prepare_workspace -> setup_network -> spawn (held) -> attach -> release -> wait`, and a [`Teardown`]
//! walks the same way back. Most programs want the front for people, [`Jail::command`].
//!
//! Backends implement the three traits in [`provider`]; nothing here is specific to an operating system.
//!
//! [`Teardown`]: crate#teardown
#![forbid(unsafe_code)]

mod admit;
mod capability;
mod command;
#[cfg(feature = "conformance")]
pub mod conformance;
mod delegate;
mod error;
mod event;
#[cfg(feature = "fake")]
pub mod fake;
mod id;
mod jail;
mod network;
mod os_text;
mod platform;
mod process;
pub mod provider;
mod quantity;
mod running;
mod spec;
mod teardown;
mod validate;
mod workspace;

pub use admit::{AdmittedJob, Degraded};
pub use capability::{Capabilities, Feature, Finding, Support};
pub use command::{JailCommand, Output, Stream};
pub use error::{Error, Result};
pub use event::{EventStream, Fact, JobEvent, Lagged};
pub use id::{JobId, JobKey};
pub use jail::{Jail, JailBuilder};
pub use network::{Attachment, NetworkConfig, SocketRequest};
pub use platform::Platform;
pub use process::{Control, Exec, Exit, Process, ProcessControl, Reason, Stdio, Usage};
pub use provider::{FilesystemProvider, IsolationProvider, NetworkProvider, Provider};
pub use quantity::{ByteSize, parse_duration};
pub use running::RunningJob;
pub use spec::{
    Access, Environment, JobSpec, Limits, MountSource, MountSpec, NetworkPolicy, Profile, Root, WorkspaceSpec,
};
pub use workspace::{Identity, Mount, Source, Workspace};

#[doc(hidden)]
pub use async_trait::async_trait;
