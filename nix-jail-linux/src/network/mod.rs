//! What a job reaches: for now nothing.

use async_trait::async_trait;
use nix_jail_core::{
    AdmittedJob, Attachment, Capabilities, Feature, JobKey, JobSpec, NetworkConfig, NetworkProvider, ProcessControl,
    Provider, Result,
};

/// A network namespace with a loopback interface and nothing else.
#[derive(Debug)]
pub(crate) struct NoNetwork;

#[async_trait]
impl Provider for NoNetwork {
    fn name(&self) -> &'static str {
        "network none"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
            .enforced(Feature::NoNetwork, "a network namespace of its own with only lo")
            .unsupported(Feature::PolicedNetwork, "this version has no network policy", None)
            .enforced(Feature::LocalServers, "every port of the jail's own loopback interface is free")
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
impl NetworkProvider for NoNetwork {
    async fn setup_network(&self, _: &AdmittedJob) -> Result<NetworkConfig> {
        Ok(NetworkConfig::new(Attachment::None))
    }

    async fn attach(&self, _: &AdmittedJob, _: &dyn ProcessControl) -> Result<()> {
        Ok(())
    }
}
