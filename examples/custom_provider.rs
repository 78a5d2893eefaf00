//! Replaces one provider of the machine's platform by a wrapper that adds a read-only file to every job:
//! `cargo run --example custom_provider`.

use std::sync::Arc;
use std::time::Duration;

use nix_jail::{
    AdmittedJob, FilesystemProvider, Jail, Mount, Platform, Result, Source, Workspace, async_trait, delegate_provider,
};

/// Shows every job a note.
#[derive(Debug)]
struct WithNote {
    inner: Arc<dyn FilesystemProvider>,
}

delegate_provider!(WithNote => inner);

#[async_trait]
impl FilesystemProvider for WithNote {
    async fn prepare_workspace(&self, job: &AdmittedJob) -> Result<Workspace> {
        let mut workspace = self.inner.prepare_workspace(job).await?;
        let note = format!("you are job {}\n", job.key().id);
        workspace.mounts.push(Mount::new(Source::File(note.into_bytes().into()), "/etc/note"));
        Ok(workspace)
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<()> {
    let machine = nix_jail::host_platform(true);
    let jail = Jail::new(Platform { filesystem: Arc::new(WithNote { inner: machine.filesystem.clone() }), ..machine });
    let output = jail.command("cat").arg("/etc/note").output().await?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    assert!(output.exit.success());
    jail.close(Duration::from_secs(5)).await
}
