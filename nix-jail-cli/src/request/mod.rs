//! From what was typed to a [`JobSpec`], with errors that name the option and say what to write instead.

mod env;
mod flags;
mod mounts;
mod paths;
mod values;

use std::path::PathBuf;

use nix_jail::{Feature, JobSpec, Limits, Root, WorkspaceSpec};

use crate::args::RunArgs;
use crate::caller::Caller;
use crate::output::Failure;

pub(crate) use flags::{Flags, flag_of};

/// Processes and threads of a job that names no limit: more than builds use, fewer than a machine has.
const DEFAULT_TASKS: u32 = 4096;

/// A job, and how its fields were typed.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) spec: JobSpec,
    pub(crate) flags: Flags,
}

/// Reads all values. Looks at the files that they name, and creates nothing.
pub(crate) fn build(args: &RunArgs, caller: &Caller) -> Result<Request, Failure> {
    let flags = Flags::new(args);
    let mut spec = JobSpec::new(PathBuf::from(args.program()));
    spec.args = args.job.iter().skip(1).cloned().collect();
    if let Some(name) = &args.name {
        spec.id = Some(values::name(name)?);
    }
    if let Some(root) = &args.root {
        spec.root = if root == "host" { Root::Host } else { Root::Dir(paths::root(root, caller)?) };
    }
    if let Some(workspace) = &args.workspace {
        spec.workspace = mounts::workspace(workspace, caller)?;
        if let WorkspaceSpec::Dir { path, .. } = &spec.workspace {
            paths::refuse_home("-w", path, caller)?;
        }
    }
    for ((flag, value), typed) in args.mounts.iter().zip(flags.mounts()) {
        spec.mounts.push(mounts::mount(*flag, value, typed, caller)?);
    }
    spec.env = env::variables(&args.env_files, &args.env, caller)?;
    spec.limits = limits(args)?;
    if let Some(profile) = &args.profile {
        spec.profile = values::profile(profile)?;
    }
    for name in &args.allow_degraded {
        spec.may_degrade.extend(values::features(name)?);
    }
    if args.tasks.is_none() {
        // Nobody asked for this one: where it cannot be kept, it is no reason to refuse the job.
        spec.limits.tasks = Some(DEFAULT_TASKS);
        spec.may_degrade.insert(Feature::Tasks);
    }
    Ok(Request { spec, flags })
}

fn limits(args: &RunArgs) -> Result<Limits, Failure> {
    let mut limits = Limits::default();
    limits.wall_clock = values::duration("--time", args.time.as_deref())?;
    limits.cpu_time = values::duration("--cpu-time", args.cpu_time.as_deref())?;
    limits.tasks = values::count("--tasks", args.tasks.as_deref())?;
    limits.open_files = values::count("--nofile", args.nofile.as_deref())?;
    limits.file_size = values::size("--file-size", args.file_size.as_deref())?;
    limits.output = values::size("--output", args.output.as_deref())?;
    Ok(limits)
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn a_limit_that_was_not_asked_for_may_degrade() {
        let caller = Caller::fake(Path::new("/home/me"), "", Path::new("/"));
        let mut args = RunArgs { job: vec!["ls".into(), "-l".into()], ..RunArgs::default() };
        let request = build(&args, &caller).unwrap();
        assert_eq!((request.spec.program.as_path(), request.spec.args.len()), (Path::new("ls"), 1));
        assert!(request.spec.may_degrade.contains(&Feature::Tasks));
        args.tasks = Some("7".into());
        let request = build(&args, &caller).unwrap();
        assert_eq!(request.spec.limits.tasks, Some(7));
        assert!(request.spec.may_degrade.is_empty());
    }
}
