//! The job's `PATH`: the root's own directories, and those of the caller's that are mounted.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_jail::{
    AdmittedJob, FilesystemProvider, JobSpec, MountSource, Platform, Result, Workspace, async_trait, delegate_provider,
};

use crate::caller::Caller;

/// The same platform; jobs also find programs in those directories of the caller's `PATH` that `spec` mounts.
pub(crate) fn with_callers_path(platform: Platform, spec: &JobSpec, caller: &Caller) -> Platform {
    let mounted: Vec<&Path> = spec
        .mounts
        .iter()
        .filter(|mount| matches!(mount.source, MountSource::Host { .. }))
        .map(|mount| mount.target.as_path())
        .collect();
    if mounted.is_empty() {
        return platform;
    }
    // A directory is there if it is mounted, or lies in what is mounted, or holds a file that is.
    let is_there = |dir: &Path| mounted.iter().any(|target| dir.starts_with(target) || target.parent() == Some(dir));
    let path: Vec<PathBuf> = caller.path().collect();
    if !path.iter().any(|dir| is_there(dir)) {
        return platform;
    }
    let path = path.into_iter().map(|dir| (is_there(&dir), dir)).collect();
    Platform { filesystem: Arc::new(CallersPath { inner: platform.filesystem.clone(), path }), ..platform }
}

/// Puts directories into the `PATH` that another provider makes.
#[derive(Debug)]
struct CallersPath {
    inner: Arc<dyn FilesystemProvider>,
    /// The caller's, in order; whether the job has it.
    path: Vec<(bool, PathBuf)>,
}

delegate_provider!(CallersPath => inner);

#[async_trait]
impl FilesystemProvider for CallersPath {
    async fn prepare_workspace(&self, job: &AdmittedJob) -> Result<Workspace> {
        let mut workspace = self.inner.prepare_workspace(job).await?;
        let own = workspace.env.get(&OsString::from("PATH")).cloned().unwrap_or_default();
        let own: Vec<PathBuf> = std::env::split_paths(&own).filter(|dir| !dir.as_os_str().is_empty()).collect();
        if let Ok(path) = std::env::join_paths(joined(&self.path, own)) {
            workspace.env.insert("PATH".into(), path);
        }
        Ok(workspace)
    }
}

/// What the caller has before its first directory of the root's own comes before those here too, the rest behind them.
fn joined(callers: &[(bool, PathBuf)], own: Vec<PathBuf>) -> Vec<PathBuf> {
    let first_own = callers.iter().position(|(_, dir)| own.contains(dir)).unwrap_or(callers.len());
    let there = |part: &[(bool, PathBuf)]| -> Vec<PathBuf> {
        part.iter().filter(|(there, dir)| *there && !own.contains(dir)).map(|(_, dir)| dir.clone()).collect()
    };
    let (before, behind) = (there(&callers[..first_own]), there(&callers[first_own..]));
    [before, own, behind].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_callers_order_is_kept() {
        let dirs = |text: &str| text.split(':').map(PathBuf::from).collect::<Vec<_>>();
        let callers: Vec<(bool, PathBuf)> = dirs("/h/.cargo/bin:/h/hidden:/usr/bin:/opt/x/bin:/bin")
            .into_iter()
            .map(|dir| (!dir.ends_with("hidden"), dir))
            .collect();
        let path = joined(&callers, dirs("/usr/local/bin:/usr/bin:/bin"));
        assert_eq!(path, dirs("/h/.cargo/bin:/usr/local/bin:/usr/bin:/bin:/opt/x/bin"));
    }
}
