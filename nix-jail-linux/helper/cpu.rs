//! The CPU time of the whole jail, from what the kernel tells about every process: proc_pid_stat(5),
//! clock_getcpuclockid(3).
use crate::sys::{Fd, fs, task};
use crate::text::Text;
use core::ffi::CStr;

/// Clock ticks in /proc are of this length on every machine that Linux runs on (USER_HZ).
const TICK_NS: u64 = 10_000_000;
const SHORTEST_NS: u64 = 10_000_000;
/// One second of quick looks after a process was made.
const HURRY: u32 = 100;
const LONGEST_NS: u64 = 100_000_000;

/// Adds up, and never goes back.
#[derive(Default)]
pub struct Meter {
    /// The kernel's account of process 1 and its descendants, where there is one: exact, whatever the job does.
    kernel: Option<Fd>,
    /// What process 1 itself had used before that began.
    own: u64,
    last: u64,
    /// Time of processes that vanished without being counted by a parent (one that ignores SIGCHLD).
    lost: u64,
    /// The newest pid of the namespace at the last look.
    newest: u64,
    /// How many of the next looks follow quickly.
    hurry: u32,
}

impl Meter {
    pub fn new(kernel: Option<Fd>) -> Self {
        Self { kernel, own: task::own_time(), ..Self::default() }
    }

    /// Nanoseconds used until now by everything that ever ran in the jail, as far as it could be seen.
    pub fn total(&mut self, proc: Option<&Fd>) -> u64 {
        if let Some(used) = self.exact() {
            return used;
        }
        let mut sum = sum(proc);
        if sum < self.last {
            // A process may have moved from the list to its parent's account while we read: look again.
            sum = sum.max(self::sum(proc));
        }
        if sum < self.last {
            self.lost += self.last - sum;
        }
        self.last = sum;
        sum + self.lost
    }

    /// How long the jail can run before it could have used `left` more, bounded so that looking stays cheap: it
    /// `took` so long the last time. Where processes were made lately, their time may be gone between two looks (a parent
    /// that ignores SIGCHLD does not inherit it), so those follow quickly.
    pub fn pause(&mut self, proc: Option<&Fd>, left: u64, took: u64) -> u64 {
        if self.kernel.is_some() {
            return (left / task::cpus()).clamp(SHORTEST_NS, LONGEST_NS);
        }
        let newest = proc.and_then(newest_pid).unwrap_or(0);
        let made = core::mem::replace(&mut self.newest, newest) != newest;
        self.hurry = if made { HURRY } else { self.hurry.saturating_sub(1) };
        let pause = if self.hurry > 0 { SHORTEST_NS } else { left / task::cpus() };
        pause.clamp(SHORTEST_NS, LONGEST_NS).max((took * 50).min(10 * LONGEST_NS))
    }

    fn exact(&self) -> Option<u64> {
        let mut count = [0; 8];
        let read = crate::sys::read(self.kernel.as_ref()?.raw(), &mut count).ok()?;
        let own = task::own_time().saturating_sub(self.own);
        (read == count.len()).then(|| u64::from_ne_bytes(count).saturating_sub(own))
    }
}

/// All who live, and all who were waited for.
fn sum(proc: Option<&Fd>) -> u64 {
    let mut sum = task::children_usage().0;
    let Some(proc) = proc else { return sum };
    let mut buffer = [0u8; 4096];
    let mut rewind = true;
    while let Ok(count) = fs::entries(proc.raw(), rewind, &mut buffer) {
        rewind = false;
        let mut rest = buffer.get(..count).unwrap_or(&[]);
        if rest.is_empty() {
            break;
        }
        // struct linux_dirent64: 16 bytes, the length of the entry, its type, the name.
        while let [low, high, _, name @ ..] = rest.get(16..).unwrap_or(&[]) {
            let name = name.split(|byte| *byte == 0).next().unwrap_or(&[]);
            if name.iter().all(u8::is_ascii_digit) && name != b"1" {
                sum += of_process(proc, name).unwrap_or(0);
            }
            rest = rest.get(usize::from(u16::from_le_bytes([*low, *high])).max(1)..).unwrap_or(&[]);
        }
    }
    sum
}

/// The last number in /proc/loadavg: the pid that was given last in this namespace.
fn newest_pid(proc: &Fd) -> Option<u64> {
    let mut buffer = [0u8; 64];
    let text = contents(proc, c"loadavg", &mut buffer)?;
    Some(number(text.rsplit(|byte| *byte == b' ').next()?))
}

fn contents<'a>(proc: &Fd, path: &CStr, buffer: &'a mut [u8]) -> Option<&'a [u8]> {
    let file = fs::open(proc.raw(), path, fs::O_RDONLY, 0).ok()?;
    let count = crate::sys::read(file.raw(), buffer).ok()?;
    buffer.get(..count)
}

/// What a process used, to the nanosecond, and what it took over from its children: cutime and cstime, the fields 16
/// and 17, in ticks.
fn of_process(proc: &Fd, pid: &[u8]) -> Option<u64> {
    let mut path = Text::<32>::new();
    path.push(pid).push(b"/stat");
    let mut buffer = [0u8; 512];
    let text = contents(proc, path.as_cstr(), &mut buffer)?;
    // The name of the program stands in parentheses and may hold anything.
    let after = text.get(text.iter().rposition(|byte| *byte == b')')? + 2..)?;
    let fields = after.split(|byte| *byte == b' ').skip(13).take(2);
    Some(task::process_time(number(pid)) + fields.map(number).sum::<u64>() * TICK_NS)
}

fn number(text: &[u8]) -> u64 {
    text.iter()
        .filter(|byte| byte.is_ascii_digit())
        .fold(0, |sum: u64, digit| sum.wrapping_mul(10) + u64::from(digit - b'0'))
}
