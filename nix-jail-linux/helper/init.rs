//! Process 1 of the jail, until it waits for the release: identity, walls, and the rights that it gives up.
use crate::outer::{Inherited, set_undumpable};
use crate::plan::{EXACT_CPU, PRIVATE_NET, Plan};
use crate::report::{During, Refusal, refuse, send};
use crate::sys::{self, Errno, Fd, net, rights, task};
use crate::wire::{Report, Step};
use crate::mounts::OldRoot;
use crate::{CONTROL, landlock, mounts, watch};

/// What process 1 keeps, beside the control socket.
pub struct Kept {
    pub inherited: Inherited,
    /// Hangs up when the outer process has died.
    pub gate: Fd,
    /// /proc of the jail, where there is one to count with.
    pub proc: Option<Fd>,
    pub ruleset: Option<Fd>,
    pub children: Fd,
    /// The kernel's own account of the job's CPU time, where it is needed and can be had.
    pub cpu: Option<Fd>,
}

/// Everything, from the fork to the end.
pub fn run(plan: &Plan<'static>, inherited: Inherited, gate: Fd) -> ! {
    let held = walls(plan, inherited, gate).and_then(|(kept, old_root)| {
        // The embedder hears of it while the kernel waits; what it asks for is read when the last wall is up.
        send(CONTROL, Report::Held);
        old_root.detach()?;
        privileges().during(Step::Privileges)?;
        Ok(kept)
    });
    match held {
        Ok(kept) => watch::run(plan, kept),
        Err(refusal) => refuse(refusal),
    }
}

/// All of them, but that the old root is still attached and the rights to detach it are still there.
fn walls(plan: &Plan<'_>, inherited: Inherited, gate: Fd) -> Result<(Kept, OldRoot), Refusal> {
    identity(plan, &gate)?;
    rights::set_hostname(plan.hostname).during(Step::Hostname)?;
    if plan.flags & PRIVATE_NET != 0 {
        net::loopback_up().during(Step::Loopback)?;
    }
    let (proc, old_root) = mounts::build(plan, &inherited)?;
    let ruleset = landlock::prepare(plan)?;
    let children = task::child_events().during(Step::Descriptors)?;
    let cpu = cpu_meter(plan)?;
    Ok((Kept { inherited, gate, proc, ruleset, children, cpu }, old_root))
}

fn cpu_meter(plan: &Plan<'_>) -> Result<Option<Fd>, Refusal> {
    match (plan.cpu_ns != 0).then(task::family_clock) {
        Some(Err(errno)) if plan.flags & EXACT_CPU != 0 => Err(errno).during(Step::CpuMeter),
        other => Ok(other.and_then(Result::ok)),
    }
}

/// Becomes the jail's user once the outer process has written who that is. Until then its files in /proc have to stay
/// writable for the embedder's user; nothing was gained yet that could be stolen.
fn identity(plan: &Plan<'_>, gate: &Fd) -> Result<(), Refusal> {
    let gone = Refusal { step: Step::EmbedderGone, index: 0, errno: Errno(0) };
    if !matches!(sys::read(gate.raw(), &mut [0]), Ok(1)) {
        task::exit(125);
    }
    rights::become_user(plan.uid, plan.gid).during(Step::Identity)?;
    set_undumpable();
    task::die_with_parent().during(Step::Identity)?;
    // Between fork and here the parent may have died unseen: then nobody holds the other end.
    let mut alive = [net::Poll::new(gate.raw(), 0)];
    net::poll(&mut alive, Some(0)).during(Step::Identity)?;
    if alive[0].happened == 0 { Ok(()) } else { Err(gone) }
}

/// Gives up what is not needed any more, for all that will ever run here. The job gives up the rest.
fn privileges() -> sys::Result {
    const PR_SET_SECUREBITS: usize = 28;
    const PR_SET_NO_NEW_PRIVS: usize = 38;
    /// NOROOT, NO_SETUID_FIXUP and NO_CAP_AMBIENT_RAISE; these and KEEP_CAPS locked.
    const SECUREBITS: usize = 0xef;
    /// CAP_KILL, CAP_NET_BIND_SERVICE and CAP_NET_ADMIN for what the embedder asks; CAP_SYS_PTRACE so that no process
    /// of the job can hide its CPU time in /proc by being undumpable.
    const KEEP: u64 = 1 << 5 | 1 << 10 | 1 << 12 | 1 << 19;
    rights::prctl(PR_SET_SECUREBITS, SECUREBITS)?;
    rights::prctl(PR_SET_NO_NEW_PRIVS, 1)?;
    rights::capabilities(KEEP)
}
