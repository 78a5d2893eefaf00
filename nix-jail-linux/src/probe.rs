//! What this machine can promise.
//!
//! Every wall of the namespaces backend is all or nothing: the helper either builds it or starts no job. So the promises
//! hold untried; [`by_doing`] finds out beforehand whether the walls can be built, and with which reason they cannot.

use std::sync::OnceLock;

use nix_jail_core::{Capabilities, Error, Feature, Finding, Support};

use crate::isolation::Namespaces;
use crate::sys;

/// What is promised if the walls can be built.
pub(crate) fn untried() -> Capabilities {
    let found = Capabilities::none()
        .enforced(Feature::HideHostFiles, "a mount namespace and a root made of nothing")
        .enforced(Feature::NoNetwork, "a network namespace of its own")
        .enforced(
            Feature::PrivateProcesses,
            "pid, ipc, uts, cgroup and user namespaces; /proc with hidepid; a session of its own",
        )
        .enforced(
            Feature::NoNewPrivileges,
            "no_new_privs, locked securebits, empty capability sets, a user that is not root outside",
        )
        .enforced(Feature::SyscallFilter, "a seccomp filter: denied calls fail with EPERM, unknown ones with ENOSYS")
        .enforced(Feature::KillAll, "the job's pid namespace ends with its first process")
        .enforced(Feature::WallClock, "counted by pid 1 of the jail")
        .enforced(Feature::Tasks, "RLIMIT_NPROC in a user namespace of the job's own")
        .enforced(Feature::FileSize, "RLIMIT_FSIZE")
        .enforced(Feature::OpenFiles, "RLIMIT_NOFILE")
        .enforced(Feature::Output, "counted by pid 1 of the jail, through which the output goes")
        .unsupported(Feature::Memory, "this version counts no memory", None)
        .unsupported(Feature::CpuRate, "this version uses no cgroups", None)
        .unsupported(Feature::Terminal, "this version gives no job a terminal", None);
    found
        .with(Feature::Landlock, landlock_finding(sys::landlock_abi()))
        .with(Feature::CpuTime, cpu_finding(kernel_counts_cpu()))
}

/// The same, tried: blocks for some milliseconds.
pub(crate) fn by_doing(isolation: &Namespaces) -> Capabilities {
    match isolation.try_throwaway() {
        Ok(()) => untried(),
        Err(e) => {
            let (how, fix) = (describe(&e), e.fix().map(|f| f.to_owned().into()));
            let nothing = Finding { support: Support::Unsupported, how: how.into(), fix };
            let stated: Vec<Feature> = untried().iter().filter_map(|(f, finding)| finding.map(|_| f)).collect();
            stated.into_iter().fold(Capabilities::none(), |found, f| found.with(f, nothing.clone()))
        }
    }
}

/// Whether an ordinary user may have the kernel count the CPU time of a process and its descendants, perf_event_open(2). If
/// it then may not after all, the helper starts no job with such a limit.
pub(crate) fn kernel_counts_cpu() -> bool {
    // Asked once: what was promised is what a plan then insists on, and a start reads no file for it.
    static COUNTS: OnceLock<bool> = OnceLock::new();
    *COUNTS.get_or_init(|| {
        let allowed = std::fs::read_to_string("/proc/sys/kernel/perf_event_paranoid");
        allowed.is_ok_and(|level| level.trim().parse::<i32>().is_ok_and(|level| level <= 2))
    })
}

fn cpu_finding(counted: bool) -> Finding {
    match counted {
        true => Finding {
            support: Support::Enforced,
            how: "counted by the kernel for pid 1 of the jail and all its descendants; RLIMIT_CPU behind it".into(),
            fix: None,
        },
        false => Finding {
            support: Support::BestEffort,
            how: "summed by pid 1 of the jail over the processes it sees: children that live briefly and are discarded unseen escape".into(),
            fix: Some("sysctl -w kernel.perf_event_paranoid=2".into()),
        },
    }
}

fn describe(e: &Error) -> String {
    let cause = std::error::Error::source(e).map(|s| format!(": {s}")).unwrap_or_default();
    format!("no jail can be built: {e}{cause}")
}

fn landlock_finding(abi: u32) -> Finding {
    let kernel = |needed: &str| Some(format!("a kernel of {needed} or newer").into());
    match abi {
        0 => Finding {
            support: Support::Unsupported,
            how: "the kernel has no Landlock, or it is not among the boot parameter lsm=".into(),
            fix: Some("add landlock to the boot parameter lsm= (kernel 5.13 or newer)".into()),
        },
        1..=5 => Finding {
            support: Support::BestEffort,
            how: format!("ABI {abi}: files only; signals and abstract sockets are scoped from ABI 6 on").into(),
            fix: kernel("6.12"),
        },
        _ => Finding {
            support: Support::Enforced,
            how: format!("ABI {abi}: files, signals and abstract sockets").into(),
            fix: None,
        },
    }
}
