//! What a job sees.

mod dir_root;
mod etc;
mod granted;
mod host_root;
mod kernel_view;
mod targets;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, OnceLock};

use async_trait::async_trait;
use nix_jail_core::{
    AdmittedJob, Capabilities, Feature, FilesystemProvider, JobKey, JobSpec, Mount, MountSource, Provider, Result,
    Root, Source, Workspace, WorkspaceSpec,
};

use crate::sys::off_thread;

/// The place of the workspace, and where programs start.
const WORKSPACE: &str = "/workspace";
/// The job's home: in memory, and nowhere where a workspace or the host's homes could be.
const HOME: &str = "/jail";
/// Where bare program names are looked up, in both kinds of root.
const PATH: &str = "/usr/local/bin:/usr/bin:/bin:/usr/local/sbin:/usr/sbin:/sbin";

/// Lays out roots, workspaces and volumes. Makes nothing but plans.
#[derive(Debug, Default)]
pub(crate) struct LinuxFilesystem {
    /// This machine's programs, looked at once.
    host_root: Arc<OnceLock<Vec<Mount>>>,
}

#[async_trait]
impl Provider for LinuxFilesystem {
    fn name(&self) -> &'static str {
        "filesystem"
    }

    fn capabilities(&self) -> Capabilities {
        Capabilities::none()
            .enforced(Feature::HideHostFiles, "a root made of nothing, into which only what was named is mounted")
            .unsupported(Feature::ClosureOnly, "this version mounts no closures", None)
            .unsupported(Feature::PinnedClosure, "this version mounts no closures", None)
            .unsupported(Feature::ProtectedPaths, "this version protects no paths of a writable workspace", None)
            .unsupported(Feature::Disk, "this version counts no disk use", None)
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
impl FilesystemProvider for LinuxFilesystem {
    async fn prepare_workspace(&self, job: &AdmittedJob) -> Result<Workspace> {
        let (spec, host_root) = (job.spec().clone(), self.host_root.clone());
        off_thread(move || layout(&spec, &host_root)).await?
    }
}

/// Everything that a job sees but /proc and /dev, which are part of the walls.
fn layout(spec: &JobSpec, host_root: &OnceLock<Vec<Mount>>) -> Result<Workspace> {
    let mut mounts = match &spec.root {
        Root::Host => host_root.get_or_init(host_root::mounts).clone(),
        Root::Dir(dir) => dir_root::mounts(dir)?,
        other => unreachable!("admission knows no root {other:?}"),
    };
    for place in ["/tmp", "/dev/shm", HOME] {
        mounts.push(Mount::new(Source::Scratch, place).writable());
    }
    mounts.push(match &spec.workspace {
        WorkspaceSpec::Dir { path, access } => granted::workspace(path, *access)?,
        _ => Mount::new(Source::Scratch, WORKSPACE).writable(),
    });
    for (i, mount) in spec.mounts.iter().enumerate() {
        let at = format!("mounts[{i}]");
        mounts.push(
            match &mount.source {
                MountSource::Host { path, access } => granted::volume(path, &mount.target, *access),
                MountSource::Tmpfs { size } => {
                    let bytes = size.map_or(0, nix_jail_core::ByteSize::as_u64);
                    Ok(Mount::new(Source::Tmpfs { bytes, inodes: 0 }, &mount.target).writable())
                }
                other => unreachable!("admission knows no mount of {other:?}"),
            }
            .and_then(|m| targets::check(&mounts, &m).map(|()| m))
            .map_err(|e| e.within(&at))?,
        );
    }
    Ok(workspace(mounts, spec.working_dir.clone()))
}

fn workspace(mounts: Vec<Mount>, working_dir: Option<PathBuf>) -> Workspace {
    let env = [("HOME", HOME), ("USER", "jail"), ("LOGNAME", "jail"), ("PATH", PATH), ("LANG", "C.UTF-8")];
    let mut workspace = Workspace::default();
    workspace.mounts = mounts;
    workspace.working_dir = working_dir.unwrap_or_else(|| Path::new(WORKSPACE).into());
    workspace.env = env.into_iter().map(|(k, v)| (k.into(), v.into())).collect::<BTreeMap<_, _>>();
    workspace
}
