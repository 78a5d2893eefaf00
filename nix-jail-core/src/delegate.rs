/// Implements [`Provider`](crate::Provider) by handing every method on to a field, so that a wrapper is only what it
/// changes.
///
/// ```
/// use std::sync::Arc;
/// use nix_jail_core::{AdmittedJob, FilesystemProvider, Result, Workspace, async_trait, delegate_provider};
///
/// /// Adds a variable to every job.
/// #[derive(Debug)]
/// struct Marked(Arc<dyn FilesystemProvider>);
///
/// delegate_provider!(Marked => 0);
///
/// #[async_trait]
/// impl FilesystemProvider for Marked {
///     async fn prepare_workspace(&self, job: &AdmittedJob) -> Result<Workspace> {
///         let mut workspace = self.0.prepare_workspace(job).await?;
///         workspace.env.insert("MARKED".into(), "1".into());
///         Ok(workspace)
///     }
/// }
/// ```
#[macro_export]
macro_rules! delegate_provider {
    ($wrapper:ty => $inner:tt) => {
        #[$crate::async_trait]
        impl $crate::Provider for $wrapper {
            fn name(&self) -> &'static str {
                self.$inner.name()
            }
            fn capabilities(&self) -> $crate::Capabilities {
                self.$inner.capabilities()
            }
            fn review(&self, spec: &$crate::JobSpec, found: &mut $crate::Capabilities) {
                self.$inner.review(spec, found)
            }
            async fn cleanup(&self, run: &$crate::JobKey) -> $crate::Result<()> {
                self.$inner.cleanup(run).await
            }
            async fn settle(&self) -> $crate::Result<()> {
                self.$inner.settle().await
            }
            async fn orphans(&self) -> $crate::Result<::std::vec::Vec<$crate::JobKey>> {
                self.$inner.orphans().await
            }
        }
    };
}
