//! The outer process: takes the plan, does what only the embedder's rights allow, makes the namespaces, and waits for
//! process 1 so that its death is the jail's death and the other way round.
use crate::ops::{self, Bind, OUTER_MAX, Op};
use crate::plan::{PRIVATE_NET, PRIVILEGED, Plan};
use crate::report::{During, Refusal, refuse};
use crate::sys::{self, EBADMSG, EISDIR, ENOENT, ESTALE, Fd, fs, net, rights, task};
use crate::text::Text;
use crate::wire::{Request, SIZE, STDERR, STDIN, STDOUT, Step};
use crate::{CONTROL, init};

/// What came with the plan. Numbers, because fork(2) gives them to two processes that each close their own.
pub struct Inherited {
    /// Readable when the embedder has died.
    pub embedder: i32,
    /// The three standard descriptors; negative: /dev/null.
    pub stdio: [i32; 3],
    /// The detached mounts of the OUTER binds, in their order; negative: an absent OPTIONAL one.
    pub outer: [i32; OUTER_MAX],
}

/// Everything, from the entry to the end.
pub fn run() -> ! {
    task::default_signals();
    task::block_signals(u64::MAX);
    task::set_name(c"nix-jail");
    task::umask(0);
    let pid = match jail() {
        Ok(pid) => pid,
        Err(refusal) => refuse(refusal),
    };
    sys::close(CONTROL);
    while matches!(task::reap(pid, true), Err(sys::EINTR)) {}
    task::exit(0)
}

/// Makes the jail: the pid of its process 1, with everything closed here but the control socket and the gate.
fn jail() -> Result<i32, Refusal> {
    sys::close_range(1, i32::MAX).during(Step::Descriptors)?;
    let (bytes, mut inherited) = receive()?;
    let plan =
        Plan::decode(bytes).map_err(|invalid| Refusal { step: Step::ReadPlan, index: invalid.0, errno: EBADMSG })?;
    if plan.flags & PRIVILEGED != 0 {
        set_undumpable();
        rights::no_groups().during(Step::DropGroups)?;
        open_outer(&plan, &mut inherited)?;
    }
    let (gate, key) = task::pipe().during(Step::Descriptors)?;
    let network = if plan.flags & PRIVATE_NET != 0 { task::CLONE_NEWNET } else { 0 };
    let pid = task::fork(task::NAMESPACES | network).during(Step::Namespaces)?;
    if pid == 0 {
        drop(key);
        init::run(&plan, inherited, gate);
    }
    let mapped = write_maps(&plan, pid);
    if mapped.is_ok() {
        let _ = sys::write(key.raw(), &[1]);
    }
    // The key stays open for as long as this process lives: its other end hangs up when we die.
    let key = key.keep();
    drop(gate);
    mapped?;
    set_undumpable();
    let _ = sys::close_range(1, key - 1);
    let _ = sys::close_range(key + 1, i32::MAX);
    // SAFETY: `plan` and all that borrows from it is not used below.
    unsafe { sys::unmap(bytes) };
    Ok(pid)
}

/// Nobody but root can trace this process or read its memory from now on.
pub fn set_undumpable() {
    const PR_SET_DUMPABLE: usize = 4;
    let _ = rights::prctl(PR_SET_DUMPABLE, 0);
}

/// The first message: the plan's bytes and what came along.
fn receive() -> Result<(&'static [u8], Inherited), Refusal> {
    let mut message = [0; SIZE];
    let mut received = net::receive(CONTROL, &mut message, true).during(Step::Receive)?;
    let wrong = Refusal { step: Step::Receive, index: 0, errno: EBADMSG };
    let Some(Request::Start { stdio }) = Request::decode(&message[..received.len.min(SIZE)]) else {
        return Err(wrong);
    };
    let (Some(plan), Some(embedder)) = (received.next_fd(), received.next_fd()) else { return Err(wrong) };
    let stdio = standard(stdio, &mut received)?;
    let inherited = Inherited { embedder: embedder.keep(), stdio, outer: [-1; OUTER_MAX] };
    let size = fs::stat(plan.raw()).during(Step::MapPlan)?.size;
    let bytes = sys::map_file(plan.raw(), size as usize).during(Step::MapPlan)?;
    Ok((bytes, inherited))
}

/// The standard descriptors that came with a message. A directory is refused: from it the whole host could be reached.
pub fn standard(bits: u32, received: &mut net::Received) -> Result<[i32; 3], Refusal> {
    let mut places = [const { None }; 3];
    for (at, (place, bit)) in places.iter_mut().zip([STDIN, STDOUT, STDERR]).enumerate() {
        if bits & bit != 0 {
            let fd = received.next_fd().ok_or(EBADMSG).and_then(task::raise).at(Step::Descriptors, at)?;
            if fs::stat(fd.raw()).at(Step::Descriptors, at)?.is_dir() {
                return Err(Refusal { step: Step::Descriptors, index: at as u32, errno: EISDIR });
            }
            *place = Some(fd);
        }
    }
    Ok(places.map(|fd: Option<Fd>| fd.map_or(-1, Fd::keep)))
}

/// Writes who the jail's user is outside. An ordinary user may do this only once groups can no longer be changed.
fn write_maps(plan: &Plan<'_>, pid: i32) -> Result<(), Refusal> {
    if plan.flags & PRIVILEGED == 0 {
        write_proc(pid, "setgroups", b"deny").during(Step::SetGroups)?;
    }
    write_proc(pid, "uid_map", plan.uid_map).during(Step::UidMap)?;
    write_proc(pid, "gid_map", plan.gid_map).during(Step::GidMap)
}

fn write_proc(pid: i32, file: &str, text: &[u8]) -> sys::Result {
    let file = open_proc(pid, file, 1)?;
    sys::write(file.raw(), text).map(drop)
}

/// Opens /proc/`pid`/`file`.
fn open_proc(pid: i32, file: &str, flags: usize) -> sys::Result<Fd> {
    let mut path = Text::<64>::new();
    path.push(b"/proc/").number(u64::from(pid as u32), 10).push(b"/").push(file.as_bytes());
    fs::open(fs::AT_FDCWD, path.as_cstr(), flags, 0)
}

/// Opens the sources of OUTER binds, here where the host's root still has its rights over them.
fn open_outer(plan: &Plan<'_>, inherited: &mut Inherited) -> Result<(), Refusal> {
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
