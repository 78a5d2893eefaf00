//! The three traits that a backend implements, and what they have in common.
//!
//! All are object-safe, and none has default methods: a wrapper that forgets one does not compile. A wrapper that
//! changes one behaviour of another provider is ten lines with [`delegate_provider!`](crate::delegate_provider).

use std::fmt;

use async_trait::async_trait;

use crate::{
    AdmittedJob, Capabilities, JobKey, JobSpec, NetworkConfig, Process, ProcessControl, Result, Stdio, Workspace,
};

/// What every provider owes the core.
#[async_trait]
pub trait Provider: fmt::Debug + Send + Sync + 'static {
    /// For error messages and reports.
    fn name(&self) -> &'static str;
    /// What this provider promises, found out once, in its constructor. A promise is kept or the start fails.
    fn capabilities(&self) -> Capabilities;
    /// Lowers `found` for what this spec asks (a memory limit above the cgroup's own, an overlay on NFS). May only
    /// lower, and says why and what would fix it. Touches nothing.
    fn review(&self, spec: &JobSpec, found: &mut Capabilities);
    /// Takes back all that this provider made for a run, ending the job if it lives. Idempotent; an unknown or half-made
    /// run is not an error. Must not need the caller's runtime.
    async fn cleanup(&self, run: &JobKey) -> Result<()>;
    /// Waits for what [`cleanup`](Self::cleanup) left to die by itself (an ended helper process, a namespace), so that the
    /// machine is as before.
    async fn settle(&self) -> Result<()>;
    /// Runs whose owner is dead (its process is gone, or its lock is free).
    async fn orphans(&self) -> Result<Vec<JobKey>>;
}

/// Lays out what a job sees: a plan as data, since a rootless root has no path on the host.
#[async_trait]
pub trait FilesystemProvider: Provider {
    /// The plan for one run.
    async fn prepare_workspace(&self, job: &AdmittedJob) -> Result<Workspace>;
}

/// Gives a job the network that its policy grants, and no more.
#[async_trait]
pub trait NetworkProvider: Provider {
    /// Before the walls: what the walls must be built with.
    async fn setup_network(&self, job: &AdmittedJob) -> Result<NetworkConfig>;
    /// After the walls, before the program: sockets made inside the jail are asked for here.
    async fn attach(&self, job: &AdmittedJob, jail: &dyn ProcessControl) -> Result<()>;
}

/// Builds the walls. The process is *held* before exec until [`ProcessControl::release`].
#[async_trait]
pub trait IsolationProvider: Provider {
    /// Builds the walls around nothing yet.
    async fn spawn(
        &self,
        job: &AdmittedJob,
        workspace: &Workspace,
        network: &NetworkConfig,
        io: Stdio,
    ) -> Result<Process>;
}
