//! From an admitted job to the plan of its jail.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::time::Duration;

use nix_jail_core::{Attachment, Error, JobSpec, Limits, NetworkConfig, Profile, Result, Workspace};
use rustix::process::{Resource, getrlimit};

use super::control::BACKEND;
use super::identity::{Identity, UID};
use super::layout;
use crate::plan::{self, Landlock, Plan, Rlimit};
use crate::{landlock, probe, seccomp, sys};

/// The host name inside.
const HOSTNAME: &str = "jail";
/// The file system that holds the skeleton, /tmp, /dev/shm, the home and a workspace in memory.
const SCRATCH_BYTES: u64 = 0;

/// Everything that the helper is to do for a job.
pub(super) fn plan(
    spec: &JobSpec,
    workspace: &Workspace,
    network: &NetworkConfig,
    identity: &Identity,
) -> Result<Plan> {
    if !matches!(network.attachment, Attachment::None) {
        let what = format!("an attachment of {:?} is not known here", network.attachment);
        return Err(Error::backend(BACKEND, "joining the network", what));
    }
    let mounts = workspace.mounts.iter().chain(&network.mounts);
    let env = environment(spec, workspace, network);
    let mut plan = walls(spec.profile, identity);
    plan.ops = layout::operations(mounts.clone(), identity.privileged())?;
    plan.landlock = rules(spec.profile, &layout::writable(mounts));
    plan.limits = plan::Limits {
        wall_ns: nanos(spec.limits.wall_clock),
        cpu_ns: nanos(spec.limits.cpu_time),
        output_bytes: spec.limits.output.map_or(0, nix_jail_core::ByteSize::as_u64),
    };
    plan.rlimits = rlimits(&spec.limits);
    plan.command = command(&spec.program, &spec.args, &env, &workspace.working_dir)?;
    Ok(plan)
}

/// A program to start in a jail.
pub(super) fn command(
    program: &Path,
    args: &[OsString],
    env: &BTreeMap<OsString, OsString>,
    working_dir: &Path,
) -> Result<plan::Command> {
    let pair = |(name, value): (&OsString, &OsString)| [name.as_os_str(), OsStr::new("="), value].into_iter().collect();
    let candidates = candidates(program, working_dir, env.get(OsStr::new("PATH")));
    if candidates.is_empty() {
        return Err(Error::NotFound { program: program.display().to_string() });
    }
    Ok(plan::Command {
        cwd: working_dir.into(),
        candidates,
        argv: std::iter::once(program.as_os_str().to_owned()).chain(args.iter().cloned()).collect(),
        envp: env.iter().map(pair).collect(),
    })
}

/// A jail with all walls around nothing.
pub(super) fn throwaway(identity: &Identity) -> Result<Plan> {
    let mut plan = walls(Profile::Default, identity);
    plan.ops = layout::operations(std::iter::empty(), identity.privileged())?;
    plan.landlock = rules(Profile::Default, &layout::writable(std::iter::empty()));
    plan.command.cwd = "/".into();
    plan.command.candidates = vec!["/none".into()];
    plan.command.argv = vec!["none".into()];
    Ok(plan)
}

/// What is the same for every job.
fn walls(profile: Profile, identity: &Identity) -> Plan {
    let (host_uid, host_gid) = identity.outside();
    Plan {
        identity: plan::Identity { uid: UID, gid: UID, host_uid, host_gid, privileged: identity.privileged() },
        hostname: HOSTNAME.into(),
        private_network: true,
        exact_cpu: probe::kernel_counts_cpu(),
        memory_bytes: SCRATCH_BYTES,
        seccomp: seccomp::program(profile).to_vec(),
        umask: 0o022,
        mdwe: profile == Profile::Strict,
        ..Plan::default()
    }
}

/// Landlock forbids mounts, which the `build` profile is for.
fn rules(profile: Profile, writable: &[PathBuf]) -> Option<Landlock> {
    if profile == Profile::Build { None } else { landlock::ruleset(sys::landlock_abi(), writable) }
}

/// Later ones win: the root's, the network's, the spec's.
fn environment(spec: &JobSpec, workspace: &Workspace, network: &NetworkConfig) -> BTreeMap<OsString, OsString> {
    let mut env = workspace.env.clone();
    env.extend(network.env.iter().map(|(k, v)| (k.clone(), v.clone())));
    env.extend(spec.env.iter().map(|(k, v)| (k.to_owned(), v.to_owned())));
    env
}

/// The paths to try for a program, as execvp(3) does.
fn candidates(program: &Path, working_dir: &Path, path: Option<&OsString>) -> Vec<PathBuf> {
    if program.as_os_str().as_bytes().contains(&b'/') {
        return vec![working_dir.join(program)];
    }
    let dirs = path.map(|p| std::env::split_paths(p).collect::<Vec<_>>()).unwrap_or_default();
    // An empty entry means the working directory, where a job could have planted anything: it is left out.
    let dirs = dirs.iter().filter(|dir| dir.is_absolute());
    dirs.map(|dir| dir.join(program)).collect()
}

fn rlimits(limits: &Limits) -> Vec<Rlimit> {
    let both = |resource, value: u64| {
        // An ordinary user cannot raise a hard limit, and nobody needs to: the lower of the two holds.
        let value = getrlimit(resource).maximum.map_or(value, |hard| value.min(hard));
        Rlimit { resource: number(resource), soft: value, hard: value }
    };
    let seconds = |d: Duration| d.as_secs() + 1;
    [
        Some(both(Resource::Core, 0)),
        // Pid 1 of the jail is counted too.
        limits.tasks.map(|n| both(Resource::Nproc, u64::from(n) + 1)),
        limits.open_files.map(|n| both(Resource::Nofile, n.into())),
        limits.file_size.map(|n| both(Resource::Fsize, n.as_u64())),
        // Behind the sum that pid 1 keeps: no single process gets beyond it, whatever happens to pid 1.
        limits.cpu_time.map(|d| both(Resource::Cpu, seconds(d) + 1)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The number of the resource in the kernel's interface, setrlimit(2).
fn number(resource: Resource) -> u32 {
    resource as u32
}

fn nanos(limit: Option<Duration>) -> u64 {
    limit.map_or(0, |d| u64::try_from(d.as_nanos()).unwrap_or(u64::MAX))
}
