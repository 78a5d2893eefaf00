//! Signals that nix-jail gets are meant for the job.

use std::fs::File;
use std::future::poll_fn;
use std::io::Read;
use std::task::{Context, Poll};

use nix_jail::{Control, RunningJob};
use rustix::process::{Signal, getpid, kill_process};
use tokio::signal::unix::{self, SignalKind, signal};

use crate::output::note;

/// All that can be caught and have a meaning for a program, but those about a process's own children, pipes and sockets.
const HANDED_ON: [Signal; 10] = [
    Signal::HUP,
    Signal::INT,
    Signal::QUIT,
    Signal::TERM,
    Signal::USR1,
    Signal::USR2,
    Signal::ALARM,
    Signal::WINCH,
    Signal::CONT,
    Signal::TSTP,
];

/// So many SIGINT and SIGTERM end a job that does not end by itself, as people know it from docker.
const ENOUGH: u32 = 3;

/// The signals that have arrived.
pub(crate) struct Signals {
    streams: Vec<(Signal, unix::Signal)>,
    asked_to_end: u32,
    as_json: bool,
}

impl Signals {
    /// From here on, signals no longer end this process. What the caller ignores stays ignored: `nohup`, and jobs that a
    /// script's shell puts into the background.
    pub(crate) fn install(as_json: bool) -> Self {
        let ignored = ignored().unwrap_or(0);
        let wanted = HANDED_ON.into_iter().filter(|s| ignored & (1 << (s.as_raw() - 1)) == 0);
        let stream = |s: Signal| Some((s, signal(SignalKind::from_raw(s.as_raw())).ok()?));
        Self { streams: wanted.filter_map(stream).collect(), asked_to_end: 0, as_json }
    }

    /// The next one.
    pub(crate) async fn next(&mut self) -> Signal {
        let signal = self.arrival().await;
        self.asked_to_end += u32::from(matches!(signal, Signal::INT | Signal::TERM));
        signal
    }

    /// Whether whoever sends them has lost patience.
    pub(crate) fn enough(&self) -> bool {
        self.asked_to_end >= ENOUGH
    }

    async fn arrival(&mut self) -> Signal {
        poll_fn(|cx| {
            // Those behind one that has arrived are polled by the next call.
            let arrived =
                |stream: &mut unix::Signal, cx: &mut Context<'_>| stream.poll_recv(cx) == Poll::Ready(Some(()));
            let first = self.streams.iter_mut().find_map(|(signal, s)| arrived(s, cx).then_some(*signal));
            first.map_or(Poll::Pending, Poll::Ready)
        })
        .await
    }

    /// Hands a signal on.
    pub(crate) async fn hand_on(&self, signal: Signal, job: &RunningJob) {
        // A job that is over meanwhile is no error.
        let _ = match signal {
            Signal::TSTP => return pause(job).await,
            Signal::INT | Signal::TERM if self.enough() => {
                note("asked three times to end: the job is killed", self.as_json);
                job.kill().await
            }
            signal => job.signal(signal.as_raw()).await,
        };
    }
}

/// Ctrl-Z: the job, in a session of its own, would not stop by SIGTSTP; it is stopped as a whole, and this process with
/// it, until the shell lets it go on.
async fn pause(job: &RunningJob) {
    let both = |whole: Control, one: Signal| async move {
        if job.process().control(whole).await.is_err() {
            let _ = job.signal(one.as_raw()).await;
        }
    };
    both(Control::Freeze, Signal::STOP).await;
    let _ = kill_process(getpid(), Signal::STOP);
    both(Control::Thaw, Signal::CONT).await;
}

/// A mask of the signals that this process ignores, as its caller left them.
fn ignored() -> Option<u64> {
    // Large enough for the whole file, so that it is read at once.
    let mut stat = [0; 1024];
    let n = File::open("/proc/self/stat").and_then(|mut file| file.read(&mut stat)).ok()?;
    sigignore(&stat[..n])
}

/// The 33rd field of proc_pid_stat(5).
fn sigignore(stat: &[u8]) -> Option<u64> {
    // The second field is the program's name in brackets, and may hold anything.
    let behind = stat.iter().rposition(|b| *b == b')')? + 2;
    let field = stat.get(behind..)?.split(|b| *b == b' ').nth(30)?;
    std::str::from_utf8(field).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ignored_signals_are_read() {
        let stat = b"1 (a) b) S 0 1 1 0 -1 4 1 2 3 4 5 6 7 8 20 0 1 0 9 100 10 1844 1 2 3 4 5 0 3 4097 5 0 0 0 17 0";
        assert_eq!(sigignore(stat), Some(4097));
        assert_eq!(sigignore(b"1 (a"), None);
        // Rust's runtime ignores SIGPIPE.
        let has_proc = File::open("/proc/self/stat").is_ok();
        assert!(!has_proc || ignored().is_some_and(|mask| mask & (1 << (Signal::PIPE.as_raw() - 1)) != 0));
    }
}
