use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::watch;

use super::Program;
use super::process::FakeProcess;
use super::script::{Part, Script, Step};
use crate::{
    AdmittedJob, Attachment, Capabilities, Exit, FilesystemProvider, IsolationProvider, JobKey, JobSpec, NetworkConfig,
    NetworkProvider, Process, ProcessControl, Provider, Reason, Result, Stdio, Usage, Workspace,
};

#[derive(Debug)]
pub(super) struct FakeFilesystem(pub(super) Arc<Script>);

#[derive(Debug)]
pub(super) struct FakeNetwork(pub(super) Arc<Script>);

#[derive(Debug)]
pub(super) struct FakeIsolation(pub(super) Arc<Script>);

#[async_trait]
impl FilesystemProvider for FakeFilesystem {
    async fn prepare_workspace(&self, job: &AdmittedJob) -> Result<Workspace> {
        // Made first: a step that fails or is given up half-way has left something.
        self.0.make(Part::Filesystem, job.key());
        self.0.enter(Step::Prepare, Some(job.key())).await?;
        Ok(Workspace { working_dir: "/workspace".into(), ..Workspace::default() })
    }
}

#[async_trait]
impl NetworkProvider for FakeNetwork {
    async fn setup_network(&self, job: &AdmittedJob) -> Result<NetworkConfig> {
        self.0.make(Part::Network, job.key());
        self.0.enter(Step::Setup, Some(job.key())).await?;
        Ok(NetworkConfig::new(Attachment::None))
    }

    async fn attach(&self, job: &AdmittedJob, _: &dyn ProcessControl) -> Result<()> {
        self.0.enter(Step::Attach, Some(job.key())).await
    }
}

#[async_trait]
impl IsolationProvider for FakeIsolation {
    async fn spawn(&self, job: &AdmittedJob, _: &Workspace, _: &NetworkConfig, io: Stdio) -> Result<Process> {
        self.0.make(Part::Isolation, job.key());
        self.0.enter(Step::Spawn, Some(job.key())).await?;
        let program = self.0.state().programs.clone();
        let program = program.map_or_else(|| Program::exits(0), |which| which(job.spec()));
        let exit = watch::Sender::new(None);
        self.0.state().exits.insert(job.key().clone(), exit.clone());
        Ok(Arc::new(FakeProcess::new(self.0.clone(), job, program, io, exit)))
    }
}

macro_rules! fake_provider {
    ($provider:ty, $part:expr, $name:literal) => {
        #[async_trait]
        impl Provider for $provider {
            fn name(&self) -> &'static str {
                $name
            }
            fn capabilities(&self) -> Capabilities {
                self.0.state().capabilities.get(&$part).cloned().unwrap_or_default()
            }
            fn review(&self, spec: &JobSpec, found: &mut Capabilities) {
                let review = self.0.state().reviews.get(&$part).cloned();
                if let Some(review) = review {
                    review(spec, found);
                }
            }
            async fn cleanup(&self, run: &JobKey) -> Result<()> {
                self.0.enter(Step::Cleanup($part), Some(run)).await?;
                if $part == Part::Isolation {
                    self.0.end(run, Exit::new(Reason::Cancelled, None, Some(9), Usage::default()));
                    self.0.state().exits.remove(run);
                }
                self.0.state().made.remove(&($part, run.clone()));
                Ok(())
            }
            async fn settle(&self) -> Result<()> {
                self.0.enter(Step::Settle($part), None).await
            }
            async fn orphans(&self) -> Result<Vec<JobKey>> {
                Ok(Vec::new())
            }
        }
    };
}

fake_provider!(FakeFilesystem, Part::Filesystem, "fake-filesystem");
fake_provider!(FakeNetwork, Part::Network, "fake-network");
fake_provider!(FakeIsolation, Part::Isolation, "fake-isolation");
