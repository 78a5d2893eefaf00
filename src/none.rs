//! An operating system without a backend: promises nothing, so every job is refused at its admission.

use std::sync::Arc;

use nix_jail_core::*;

#[derive(Debug)]
struct None;

pub(crate) fn platform() -> Platform {
    let none = Arc::new(None);
    Platform { filesystem: none.clone(), network: none.clone(), isolation: none }
}

fn refused<T>() -> Result<T> {
    Err(Error::Unsupported {
        feature: Feature::PrivateProcesses,
        support: Support::Unsupported,
        how: "nix-jail has no backend for this operating system".into(),
        fix: Option::None,
    })
}

#[async_trait]
impl Provider for None {
    fn name(&self) -> &'static str {
        "none"
    }
    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
    }
    fn review(&self, _: &JobSpec, _: &mut Capabilities) {}
    async fn cleanup(&self, _: &JobKey) -> Result<()> {
        Ok(())
    }
    async fn settle(&self) -> Result<()> {
        Ok(())
    }
    async fn orphans(&self) -> Result<Vec<JobKey>> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl FilesystemProvider for None {
    async fn prepare_workspace(&self, _: &AdmittedJob) -> Result<Workspace> {
        refused()
    }
}

#[async_trait]
impl NetworkProvider for None {
    async fn setup_network(&self, _: &AdmittedJob) -> Result<NetworkConfig> {
        refused()
    }
    async fn attach(&self, _: &AdmittedJob, _: &dyn ProcessControl) -> Result<()> {
        refused()
    }
}

#[async_trait]
impl IsolationProvider for None {
    async fn spawn(&self, _: &AdmittedJob, _: &Workspace, _: &NetworkConfig, _: Stdio) -> Result<Process> {
        refused()
    }
}
