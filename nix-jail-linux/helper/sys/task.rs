//! Processes, signals, identity and limits.
use super::{EAGAIN, Errno, Fd, Result, call, int, plain, rights};
use crate::arch::{self, nr};

pub const CLONE_VM: usize = 0x100;
pub const CLONE_VFORK: usize = 0x4000;
pub const CLONE_NEWUSER: usize = 0x1000_0000;
pub const CLONE_NEWNET: usize = 0x4000_0000;
/// Mount, cgroup, uts, ipc, user and pid.
pub const NAMESPACES: usize = 0x2_0000 | 0x200_0000 | 0x400_0000 | 0x800_0000 | CLONE_NEWUSER | 0x2000_0000;
pub const SIGCHLD: usize = 17;
pub const SIGKILL: i32 = 9;
pub const SIGCONT: i32 = 18;
pub const SIGSTOP: i32 = 19;

/// clone(2) without sharing memory, as fork(2): zero in the child.
pub fn fork(namespaces: usize) -> Result<i32> {
    plain(nr::CLONE, [namespaces | SIGCHLD, 0, 0, 0, 0]).map(|pid| pid as i32)
}

/// The same; in the parent with a descriptor that is readable once the child has ended, in the child `None`.
pub fn fork_watched(namespaces: usize) -> Result<Option<(i32, Fd)>> {
    const CLONE_PIDFD: usize = 0x1000;
    let mut fd = 0i32;
    // SAFETY: without CLONE_VM the child goes on with a copy of this memory; the kernel writes the four bytes of `fd`.
    let pid = unsafe { call(nr::CLONE, [namespaces | CLONE_PIDFD | SIGCHLD, 0, &raw mut fd as usize, 0, 0, 0])? };
    Ok((pid != 0).then(|| (pid as i32, Fd::new(fd as usize))))
}

pub fn exit(code: i32) -> ! {
    loop {
        let _ = plain(nr::EXIT_GROUP, [int(code)]);
    }
}

pub fn kill(pid: i32, signal: i32) -> Result {
    plain(nr::KILL, [int(pid), int(signal)]).map(drop)
}

/// A child that has ended.
pub struct Ended {
    pub pid: i32,
    /// As in wait(2).
    pub status: u32,
    /// Of it and of all children that it waited for.
    pub usage: (u64, u64),
}

/// Waits for a child: `None` while all of them still run, ECHILD when there is none.
pub fn reap(pid: i32, wait: bool) -> Result<Option<Ended>> {
    let mut status = 0u32;
    let mut usage = [0i64; 18];
    let (status_at, usage_at) = (&raw mut status as usize, usage.as_mut_ptr() as usize);
    let options = usize::from(!wait) | 0x4000_0000; // WNOHANG, __WALL
    // SAFETY: the kernel writes the four bytes of `status` and the 144 bytes of struct rusage.
    let pid = unsafe { call(nr::WAIT4, [int(pid), status_at, options, usage_at, 0, 0])? };
    Ok((pid != 0).then(|| Ended { pid: pid as i32, status, usage: used(&usage) }))
}

/// CPU time in nanoseconds and the largest resident set in bytes, of all children that were waited for.
pub fn children_usage() -> (u64, u64) {
    let mut usage = [0i64; 18];
    // SAFETY: the kernel writes the 144 bytes of struct rusage. RUSAGE_CHILDREN.
    let _ = unsafe { call(nr::GETRUSAGE, [usize::MAX, usage.as_mut_ptr() as usize, 0, 0, 0, 0]) };
    used(&usage)
}

/// CPU time in nanoseconds and the largest resident set in bytes, in struct rusage.
fn used(usage: &[i64; 18]) -> (u64, u64) {
    let microseconds = (usage[0] + usage[2]) * 1_000_000 + usage[1] + usage[3];
    (microseconds as u64 * 1000, usage[4] as u64 * 1024)
}

/// CLOCK_MONOTONIC in nanoseconds.
pub fn now() -> u64 {
    clock(1)
}

/// The CPU time of all threads that a process has and had, in nanoseconds; zero when it is gone.
pub fn process_time(pid: u64) -> u64 {
    // The clock of a process: its number, inverted, and CPUCLOCK_SCHED.
    clock((!pid << 3 | 2) as usize)
}

/// What this process used itself.
pub fn own_time() -> u64 {
    const CLOCK_PROCESS_CPUTIME_ID: usize = 2;
    clock(CLOCK_PROCESS_CPUTIME_ID)
}

/// A counter of the CPU time, in nanoseconds, of this process and of all that will ever descend from it, whoever waits for
/// them or does not: perf_event_open(2), PERF_COUNT_SW_TASK_CLOCK, inherited. Read with read(2).
pub fn family_clock() -> Result<Fd> {
    const SIZE: usize = 112;
    const SOFTWARE: u32 = 1;
    const TASK_CLOCK: u64 = 1;
    /// `inherit`, `exclude_kernel` and `exclude_hv`. (The clock runs in the kernel all the same; without the flag an ordinary
    /// user could not have it.)
    const FLAGS: u64 = 1 << 1 | 1 << 5 | 1 << 6;
    const CLOSE_ON_EXEC: usize = 8;
    let mut attributes = [0u64; SIZE / 8];
    attributes[0] = u64::from(SOFTWARE) | (SIZE as u64) << 32;
    attributes[1] = TASK_CLOCK;
    attributes[5] = FLAGS;
    let arguments = [attributes.as_ptr() as usize, 0, usize::MAX, usize::MAX, CLOSE_ON_EXEC, 0];
    // SAFETY: the kernel reads struct perf_event_attr, whose size stands in it.
    unsafe { call(nr::PERF_EVENT_OPEN, arguments) }.map(Fd::new)
}

fn clock(id: usize) -> u64 {
    let mut time = [0u64; 2];
    // SAFETY: the kernel writes the 16 bytes of struct timespec.
    let _ = unsafe { call(nr::CLOCK_GETTIME, [id, time.as_mut_ptr() as usize, 0, 0, 0, 0]) };
    time[0] * 1_000_000_000 + time[1]
}

/// How many CPUs this process may run on.
pub fn cpus() -> u64 {
    let mut set = [0u64; 128];
    // SAFETY: the kernel writes at most the 1024 bytes of `set`.
    let _ = unsafe { call(nr::GETAFFINITY, [0, size_of_val(&set), set.as_mut_ptr() as usize, 0, 0, 0]) };
    set.iter().map(|word| u64::from(word.count_ones())).sum::<u64>().max(1)
}

/// Default action for every signal. The caller may have ignored some, and that would be inherited by the job.
pub fn default_signals() {
    let action = [0u64; 4];
    for signal in (1..=64).filter(|signal| !matches!(signal, 9 | 19)) {
        // SAFETY: the kernel reads the 32 bytes of its struct sigaction: SIG_DFL, no flags, no mask.
        let _ = unsafe { call(nr::SIGACTION, [signal, action.as_ptr() as usize, 0, 8, 0, 0]) };
    }
}

/// Blocks exactly the signals whose bits are set.
pub fn block_signals(mask: u64) {
    let mask = &raw const mask as usize;
    // SAFETY: the kernel reads the eight bytes of `mask`, alive until the end of this function. SIG_SETMASK.
    let _ = unsafe { call(nr::SIGPROCMASK, [2, mask, 0, 8, 0, 0]) };
}

/// A descriptor that is readable when a child ended.
pub fn child_events() -> Result<Fd> {
    let mask = 1u64 << (SIGCHLD - 1);
    let pointer = &raw const mask as usize;
    // SAFETY: the kernel reads the eight bytes of `mask`. SFD_CLOEXEC | SFD_NONBLOCK.
    unsafe { call(nr::SIGNALFD4, [usize::MAX, pointer, 8, 0o2_004_000, 0, 0]) }.map(Fd::new)
}

/// A pipe: what to read, what to write.
pub fn pipe() -> Result<(Fd, Fd)> {
    let mut ends = [0i32; 2];
    // SAFETY: the kernel writes the eight bytes of `ends`. O_CLOEXEC.
    unsafe { call(nr::PIPE2, [ends.as_mut_ptr() as usize, 0o2_000_000, 0, 0, 0, 0])? };
    Ok((Fd::new(ends[0] as usize), Fd::new(ends[1] as usize)))
}

/// The same open file under another number, not closed by exec.
pub fn place(fd: i32, at: i32) -> Result {
    plain(nr::DUP3, [int(fd), int(at), 0]).map(drop)
}

/// The same open file under a number above those of the standard descriptors.
pub fn raise(fd: Fd) -> Result<Fd> {
    // F_DUPFD_CLOEXEC
    if fd.raw() > 2 { Ok(fd) } else { plain(nr::FCNTL, [int(fd.raw()), 1030, 3]).map(Fd::new) }
}

/// SIGKILL for this process when its parent ends. The change of user clears it.
pub fn die_with_parent() -> Result {
    rights::prctl(1, SIGKILL as usize)
}

/// The name in `ps`.
pub fn set_name(name: &core::ffi::CStr) {
    // SAFETY: the kernel reads a NUL-terminated string. PR_SET_NAME.
    let _ = unsafe { call(nr::PRCTL, [15, name.as_ptr() as usize, 0, 0, 0, 0]) };
}

pub fn umask(mask: u32) {
    let _ = plain(nr::UMASK, [mask as usize]);
}

pub fn setsid() -> Result {
    plain(nr::SETSID, []).map(drop)
}

/// Makes a terminal the controlling one of this session.
pub fn controlling_terminal(fd: i32) -> Result {
    plain(nr::IOCTL, [int(fd), 0x540e, 0]).map(drop)
}

/// Sets an open pipe end or socket to O_NONBLOCK | O_RDONLY.
pub fn never_wait(fd: &Fd) -> Result {
    plain(nr::FCNTL, [int(fd.raw()), 4, 0o4000]).map(drop)
}

/// execve: comes back only with an error.
///
/// # Safety
/// `argv` and `envp` are arrays of pointers to NUL-terminated strings that end with a null pointer.
pub unsafe fn execve(path: &core::ffi::CStr, argv: *const usize, envp: *const usize) -> Errno {
    // SAFETY: the path is NUL-terminated; the caller keeps the arrays.
    let answer = unsafe { call(nr::EXECVE, [path.as_ptr() as usize, argv as usize, envp as usize, 0, 0, 0]) };
    answer.err().unwrap_or(EAGAIN)
}

/// Starts `entry(argument)` in this memory on `stack`, and comes back when it has executed or exited.
///
/// # Safety
/// As [`arch::clone_onto`]; `entry` leaves alone whatever the caller goes on to use.
pub unsafe fn vfork(stack: &mut [u8], entry: unsafe extern "C" fn(*mut u8) -> !, argument: *mut u8) -> Result<i32> {
    let top = (stack.as_mut_ptr_range().end as usize & !15) as *mut u8;
    // SAFETY: the stack is borrowed for the whole call, aligned here; the caller keeps the rest.
    let answer = unsafe { arch::clone_onto(CLONE_VM | CLONE_VFORK | SIGCHLD, top, entry, argument) };
    if answer < 0 { Err(Errno(-answer as i32)) } else { Ok(answer as i32) }
}
