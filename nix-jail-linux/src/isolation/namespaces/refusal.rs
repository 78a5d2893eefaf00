//! What the helper reports, as errors that say what to do.

use std::io;

use nix_jail_core::Error;

use super::control::BACKEND;
use super::sysctl;
use crate::plan::wire::{ExecError, Report, Step};
use crate::plan::{Op, Plan};

const EPERM: i32 = 1;
const EACCES: i32 = 13;
const ENOSPC: i32 = 28;

/// Why there is no jail.
pub(super) fn refused(report: &Report, plan: &Plan) -> Error {
    let Report::Refused { step, index, errno } = *report else {
        return Error::backend(BACKEND, "building the jail", "the helper said something else than asked");
    };
    let Some(step) = Step::from_number(step) else {
        return Error::backend(BACKEND, "building the jail", "the helper died before the walls stood");
    };
    let denied = errno == EPERM || errno == EACCES;
    match step {
        Step::Namespaces => no_namespaces(errno),
        _ if denied && sysctl::apparmor_restricts() && within_new_namespace(step) => apparmor(),
        Step::Proc if denied => masked_proc(),
        Step::OuterIdentity | Step::SourceIdentity => {
            let reason = format!("{} was replaced while the job was starting", place(plan, index));
            Error::invalid("mounts", reason, "start the job when nothing moves there")
        }
        Step::IdmapMount => {
            let reason = format!("the file system of {} cannot show its files under another owner", place(plan, index));
            Error::invalid(
                "mounts",
                reason,
                "as root, use a directory on ext4, XFS, btrfs or tmpfs; or run as an ordinary user",
            )
        }
        _ => {
            let what = format!("building the jail: {step:?}");
            let at = place(plan, index);
            let doing = if at.is_empty() { what.to_string() } else { format!("{what} ({at})") };
            Error::backend(BACKEND, doing, io::Error::from_raw_os_error(errno))
        }
    }
}

/// Why a program was not executed.
pub(super) fn exec(program: &str, kind: u32, errno: i32) -> Error {
    let cannot = |reason: String| Error::NotExecutable { program: program.into(), reason };
    let os = io::Error::from_raw_os_error(errno);
    match ExecError::from_number(kind) {
        Some(ExecError::NotFound) => Error::NotFound { program: program.into() },
        Some(ExecError::Permission) => {
            cannot("is not executable (a directory, or a file without the x permission)".into())
        }
        Some(ExecError::InterpreterMissing) => {
            cannot("the interpreter or loader that it names is not in the jail".into())
        }
        Some(ExecError::NoInterpreter) => {
            cannot("is neither a program for this machine nor a script that starts with #!".into())
        }
        Some(ExecError::TooBig) => Error::invalid(
            "args",
            "arguments and environment are longer than the kernel takes",
            "pass long lists in a file or on stdin",
        ),
        Some(ExecError::WorkingDirectory) => Error::invalid(
            "working_dir",
            format!("cannot be entered in the jail: {os}"),
            "name a directory that the jail has",
        ),
        Some(ExecError::Other) => cannot(os.to_string()),
        step => Error::backend(BACKEND, format!("closing the walls around the program ({step:?})"), os),
    }
}

/// Which thing of the plan an index means; empty for a step that is about none.
fn place(plan: &Plan, index: u32) -> String {
    plan.ops.get(index as usize).map(|op| target(op).display().to_string()).unwrap_or_default()
}

fn target(op: &Op) -> &std::path::Path {
    match op {
        Op::Dir { path, .. } | Op::File { path, .. } | Op::Link { path, .. } | Op::Inner { path, .. } => path,
        Op::Bind(bind) => &bind.target,
        Op::Tmpfs { target, .. } | Op::Scratch { target, .. } => target,
        Op::Proc { target } | Op::Devpts { target } | Op::Mask { target } => target,
    }
}

/// Steps that need the capabilities which a new user namespace gives, and which AppArmor may take back.
fn within_new_namespace(step: Step) -> bool {
    use Step::*;
    matches!(
        step,
        Identity
            | Hostname
            | Loopback
            | RootTmpfs
            | RootMount
            | SourceClone
            | SourceFlags
            | Attach
            | Proc
            | UidMap
            | GidMap
    )
}

fn no_namespaces(errno: i32) -> Error {
    let (why, fix) = match errno {
        ENOSPC => match sysctl::exhausted() {
            Some(name) => (format!("the sysctl {name} is 0"), Some(format!("sysctl -w {name}=15000"))),
            None => (
                "the limit of namespaces is reached, or 32 levels are nested".into(),
                Some("sysctl user | grep max_".into()),
            ),
        },
        EPERM if sysctl::debian_forbids() => (
            "the sysctl kernel.unprivileged_userns_clone is 0".into(),
            Some("sysctl -w kernel.unprivileged_userns_clone=1".into()),
        ),
        EPERM if sysctl::apparmor_restricts() => return apparmor(),
        EPERM => (
            "a seccomp filter, a security module or a chroot around this process forbids them".into(),
            Some(
                "in a container: allow unshare and clone with namespaces (docker: --security-opt seccomp=unconfined)"
                    .into(),
            ),
        ),
        _ => (format!("the kernel says: {}", io::Error::from_raw_os_error(errno)), None),
    };
    Error::Privilege { doing: "user namespaces cannot be made".into(), why, fix }
}

fn apparmor() -> Error {
    Error::Privilege {
        doing: "a user namespace can be made, but not used".into(),
        why: "AppArmor restricts unprivileged user namespaces (kernel.apparmor_restrict_unprivileged_userns is 1)".into(),
        fix: Some(
            "install the helper on disk (NIX_JAIL_HELPER at build time) with an AppArmor profile for its path that has `userns,`; \
             or sysctl -w kernel.apparmor_restrict_unprivileged_userns=0"
                .into(),
        ),
    }
}

fn masked_proc() -> Error {
    Error::Privilege {
        doing: "the jail cannot have a /proc of its own".into(),
        why: "parts of this process's /proc are mounted over, as container engines do, and the kernel then gives no other".into(),
        fix: Some("run the container with an unmasked /proc (docker: --security-opt systempaths=unconfined)".into()),
    }
}
