//! The outer process: takes the plan, does what only the embedder's rights allow, makes the namespaces, and waits for
//! process 1 so that its death is the jail's death and the other way round.
mod sources;

use crate::ops::OUTER_MAX;
use crate::plan::{PRIVATE_NET, PRIVILEGED, Plan};
use crate::report::{During, Refusal, refuse};
use crate::sys::{self, EBADMSG, EISDIR, Fd, fs, net, rights, task};
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
    // Not to keep the embedder's directory busy; and paths with one name are relative to this one.
    let _ = fs::chdir(c"/");
    let jail = match jail() {
        Ok(jail) => jail,
        Err(refusal) => refuse(refusal),
    };
    jail.wait()
}

/// What is left here of a jail that was made.
struct Jail {
    pid: i32,
    /// The end of process 1.
    ended: Fd,
    /// The end of the embedder.
    embedder: Fd,
    /// Its other end hangs up when this process ends.
    key: Fd,
}

impl Jail {
    /// Waits for process 1. When the embedder ends, or gives the jail up, the jail ends, even where process 1 hangs in a
    /// file system or behind a program that it waits to see executed.
    fn wait(self) -> ! {
        let [ended, embedder] = [&self.ended, &self.embedder].map(|fd| net::Poll::new(fd.raw(), net::POLLIN));
        // Of the control socket only that its other end has closed, which is always told.
        let mut ends = [ended, embedder, net::Poll::new(CONTROL, 0)];
        while ends.iter().all(|end| end.happened == 0) && net::poll(&mut ends, None).is_ok() {}
        let _ = task::kill(self.pid, task::SIGKILL);
        let _ = task::reap(self.pid, true);
        task::exit(0)
    }
}

/// Makes the jail; everything else is closed here but the control socket.
fn jail() -> Result<Jail, Refusal> {
    sys::close_range(1, i32::MAX).during(Step::Descriptors)?;
    let (bytes, mut inherited) = receive()?;
    let plan =
        Plan::decode(bytes).map_err(|invalid| Refusal { step: Step::ReadPlan, index: invalid.0, errno: EBADMSG })?;
    if plan.flags & PRIVILEGED != 0 {
        set_undumpable();
        rights::no_groups().during(Step::DropGroups)?;
        sources::open(&plan, &mut inherited)?;
    }
    let (gate, key) = task::pipe().during(Step::Descriptors)?;
    let network = if plan.flags & PRIVATE_NET != 0 { task::CLONE_NEWNET } else { 0 };
    let Some((pid, ended)) = task::fork_watched(task::NAMESPACES | network).during(Step::Namespaces)? else {
        drop(key);
        init::run(&plan, inherited, gate);
    };
    write_maps(&plan, pid)?;
    let _ = sys::write(key.raw(), &[1]);
    set_undumpable();
    drop(gate);
    let jail = Jail { pid, ended, embedder: Fd::new(inherited.embedder as usize), key };
    keep_only([jail.ended.raw(), jail.embedder.raw(), jail.key.raw()]);
    Ok(jail)
}

/// Closes everything but these and the control socket.
fn keep_only(mut fds: [i32; 3]) {
    fds.sort_unstable();
    let mut first = 1;
    for fd in fds {
        // An empty range is an error without any effect.
        let _ = sys::close_range(first, fd - 1);
        first = fd + 1;
    }
    let _ = sys::close_range(first, i32::MAX);
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
