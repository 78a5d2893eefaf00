//! A job's parts in words, as the summary and the plan say them.

use nix_jail::{Access, ByteSize, Feature, JobSpec, Limits, NetworkPolicy, Profile, Root, WorkspaceSpec};

use super::{shown, units};

/// What the job sees as `/`.
pub(crate) fn root(root: &Root) -> String {
    match root {
        Root::Host => {
            "this machine's programs (/usr, read-only); not seen: /home /root /var /run /mnt /opt /srv".to_owned()
        }
        Root::Dir(dir) => format!("what lies in {}, read-only", shown(dir)),
        _ => "another root".to_owned(),
    }
}

/// What lies at `/workspace`.
pub(crate) fn workspace(workspace: &WorkspaceSpec) -> String {
    match workspace {
        WorkspaceSpec::Scratch => "empty, in memory, gone afterwards".to_owned(),
        WorkspaceSpec::Dir { path, access: Access::ReadOnly } => format!("{}, read-only", shown(path)),
        WorkspaceSpec::Dir { path, .. } => format!("{}, writable", shown(path)),
        _ => "another workspace".to_owned(),
    }
}

/// What the job can reach.
pub(crate) fn network(policy: &NetworkPolicy) -> &'static str {
    match policy {
        NetworkPolicy::None => "none, but the job's own loopback",
        _ => "policed",
    }
}

/// How tight the filter is.
pub(crate) fn profile(profile: Profile) -> &'static str {
    match profile {
        Profile::Default => "default",
        Profile::Strict => "strict",
        Profile::Build => "build",
        _ => "another",
    }
}

/// The limits that are set, in words.
pub(crate) fn limits(limits: &Limits) -> Vec<(Feature, String)> {
    let duration = |d: std::time::Duration| units::limit(d);
    let size = |s: ByteSize| s.to_string();
    let count = |n: u32| n.to_string();
    [
        (Feature::WallClock, limits.wall_clock.map(duration)),
        (Feature::CpuTime, limits.cpu_time.map(duration)),
        (Feature::Tasks, limits.tasks.map(count)),
        (Feature::OpenFiles, limits.open_files.map(count)),
        (Feature::FileSize, limits.file_size.map(size)),
        (Feature::Output, limits.output.map(size)),
    ]
    .into_iter()
    .filter_map(|(feature, value)| Some((feature, value?)))
    .collect()
}

/// The command, as one would type it, more or less.
pub(crate) fn command(spec: &JobSpec) -> String {
    let words = std::iter::once(spec.program.as_os_str()).chain(spec.args.iter().map(|arg| arg.as_os_str()));
    words.map(shown).collect::<Vec<_>>().join(" ")
}
