//! A wrapper is what it changes, and nothing else.

use std::sync::Arc;

use nix_jail_core::fake::{Fake, Part, Step};
use nix_jail_core::{
    AdmittedJob, Feature, FilesystemProvider, Jail, JobSpec, Result, Workspace, async_trait, delegate_provider,
};

use crate::support::{DOWN, LONG};

#[derive(Debug)]
struct Marked {
    inner: Arc<dyn FilesystemProvider>,
}

delegate_provider!(Marked => inner);

#[async_trait]
impl FilesystemProvider for Marked {
    async fn prepare_workspace(&self, job: &AdmittedJob) -> Result<Workspace> {
        let mut workspace = self.inner.prepare_workspace(job).await?;
        workspace.env.insert("MARKED".into(), "1".into());
        Ok(workspace)
    }
}

#[tokio::test]
async fn every_call_reaches_the_wrapped_provider() {
    let fake = Fake::new();
    fake.review(Part::Filesystem, |_, found| found.lower(Feature::Landlock, Default::default()));
    let mut platform = fake.platform();
    let inner = platform.filesystem.clone();
    platform.filesystem = Arc::new(Marked { inner: inner.clone() });
    assert_eq!(platform.filesystem.name(), inner.name());
    assert_eq!(platform.filesystem.capabilities(), inner.capabilities());
    assert_eq!(platform.filesystem.orphans().await.expect("orphans"), []);

    let jail = Jail::new(platform);
    let job = jail.admit(JobSpec::new("true")).expect("admitted");
    assert_eq!(job.degraded()[0].feature, Feature::Landlock, "the review of the wrapped provider counts");
    jail.launch(job, Default::default()).await.expect("a start").wait().await.expect("an end");
    jail.close(LONG).await.expect("closes");
    for step in [Step::Prepare, DOWN[2], Step::Settle(Part::Filesystem)] {
        assert!(fake.journal().contains(&step), "{step:?}");
    }
}

#[tokio::test]
async fn what_the_wrapper_adds_is_there() {
    let fake = Fake::new();
    let jail = fake.jail();
    let job = jail.admit(JobSpec::new("true")).expect("admitted");
    let marked = Marked { inner: fake.platform().filesystem };
    let workspace = marked.prepare_workspace(&job).await.expect("a plan");
    assert_eq!(workspace.env.get(std::ffi::OsStr::new("MARKED")).map(|v| v.as_os_str()), Some("1".as_ref()));
}
