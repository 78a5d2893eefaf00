//! Sources that are opened here, where the embedder's rights over the host's files still hold.
use super::{Inherited, open_proc, write_proc};
use crate::ops::{self, Bind, Op};
use crate::plan::Plan;
use crate::report::{During, Refusal};
use crate::sys::{self, ENOENT, ESTALE, Fd, fs, net, task};
use crate::text::Text;
use crate::wire::Step;

/// Opens the sources of OUTER binds, here where the host's root still has its rights over them.
pub(super) fn open(plan: &Plan<'_>, inherited: &mut Inherited) -> Result<(), Refusal> {
    let mut places = inherited.outer.iter_mut();
    let mut known: Option<(u32, u32, Fd)> = None;
    for (index, op) in plan.ops.clone().enumerate() {
        let Op::Bind(bind) = op else { continue };
        if bind.flags & ops::OUTER == 0 {
            continue;
        }
        let Some(place) = places.next() else { break };
        let Some(mount) = open_source(&bind, index)? else { continue };
        if bind.flags & ops::IDMAP != 0 {
            let users = match known.take() {
                Some((uid, gid, users)) if (uid, gid) == (bind.uid, bind.gid) => users,
                _ => user_namespace(plan, &bind).at(Step::IdmapNamespace, index)?,
            };
            // Where a mount below it cannot be mapped, it stays as it is: its files belong to nobody in the jail.
            fs::idmap(mount.raw(), &users, true)
                .or_else(|_| fs::idmap(mount.raw(), &users, false))
                .at(Step::IdmapMount, index)?;
            known = Some((bind.uid, bind.gid, users));
        }
        *place = mount.keep();
    }
    Ok(())
}

/// A detached copy of the mounts at the bind's source, which is the file that the plan means.
fn open_source(bind: &Bind<'_>, index: usize) -> Result<Option<Fd>, Refusal> {
    let source = match fs::open(fs::AT_FDCWD, bind.source, fs::O_PATH, fs::NO_LINKS) {
        Err(ENOENT) if bind.flags & ops::OPTIONAL != 0 => return Ok(None),
        other => other.at(Step::OuterOpen, index)?,
    };
    if bind.flags & ops::IDENTITY != 0 {
        let stat = fs::stat(source.raw()).at(Step::OuterIdentity, index)?;
        if (stat.dev, stat.ino) != (bind.dev, bind.ino) {
            return Err(Refusal { step: Step::OuterIdentity, index: index as u32, errno: ESTALE });
        }
    }
    fs::clone_tree(source.raw(), c"").at(Step::OuterClone, index).map(Some)
}

/// A user namespace that maps the owner on disk to the job's user outside. It lives by its descriptor.
fn user_namespace(plan: &Plan<'_>, bind: &Bind<'_>) -> sys::Result<Fd> {
    let pid = task::fork(task::CLONE_NEWUSER)?;
    if pid == 0 {
        let _ = task::die_with_parent();
        loop {
            let _ = net::poll(&mut [], None);
        }
    }
    let made = map_namespace(plan, bind, pid);
    let _ = task::kill(pid, task::SIGKILL);
    let _ = task::reap(pid, true);
    made
}

fn map_namespace(plan: &Plan<'_>, bind: &Bind<'_>, pid: i32) -> sys::Result<Fd> {
    for (file, disk, host) in [("uid_map", bind.uid, plan.host_uid), ("gid_map", bind.gid, plan.host_gid)] {
        let mut map = Text::<64>::new();
        map.number(u64::from(disk), 10).push(b" ").number(u64::from(host), 10).push(b" 1\n");
        write_proc(pid, file, map.as_bytes())?;
    }
    open_proc(pid, "ns/user", fs::O_RDONLY)
}
