//! Counted output: the job writes into pipes, and process 1 passes on what it wrote, never waiting for the reader.
use crate::sys::net::{POLLERR, POLLHUP, POLLIN, POLLOUT, Poll};
use crate::sys::{self, EAGAIN, EINTR, EOPNOTSUPP, Fd, fs, task};

/// How much is read at once.
const CHUNK: usize = 64 << 10;
/// What a pipe that poll(2) calls writable surely takes.
const PIPE_BUF: usize = 4096;

/// One stream on its way.
struct Pump {
    /// Our end of the job's pipe; `None` once it ended.
    from: Option<Fd>,
    to: Fd,
    regular: bool,
    buffer: &'static mut [u8],
    start: usize,
    end: usize,
}

/// Standard output and standard error.
#[derive(Default)]
pub struct Pumps {
    pumps: [Option<Pump>; 2],
    left: u64,
}

impl Pumps {
    /// Puts pipes in the places of `stdio` 1 and 2, which may carry `limit` bytes together. Two names of one pipe,
    /// socket or terminal get one pipe, so that their order is kept.
    pub fn insert(&mut self, stdio: &mut [i32; 3], limit: u64) -> sys::Result {
        self.left = limit;
        let one = same_stream(stdio[1], stdio[2]);
        for at in 1..=2 {
            if stdio[at] < 0 {
                continue;
            }
            if at == 2 && one {
                sys::close(stdio[2]);
                stdio[2] = stdio[1];
                continue;
            }
            let (from, into) = task::pipe()?;
            task::never_wait(&from)?;
            let to = Fd::new(stdio[at] as usize);
            stdio[at] = task::raise(into)?.keep();
            let regular = fs::stat(to.raw())?.is_regular();
            let buffer = sys::memory(CHUNK)?;
            self.pumps[at - 1] = Some(Pump { from: Some(from), to, regular, buffer, start: 0, end: 0 });
        }
        Ok(())
    }

    /// Whether everything that was written has been passed on.
    pub fn done(&self) -> bool {
        self.pumps.iter().flatten().all(|pump| pump.from.is_none() && pump.start == pump.end)
    }

    /// What to wait for.
    pub fn polls(&self) -> [Poll; 4] {
        let mut polls = [Poll::new(-1, 0); 4];
        for (pair, pump) in polls.chunks_exact_mut(2).zip(&self.pumps) {
            let Some(pump) = pump else { continue };
            let waiting = pump.start < pump.end;
            if waiting || pump.from.is_some() {
                pair[1] = Poll::new(pump.to.raw(), if waiting { POLLOUT } else { 0 });
            }
            if let Some(from) = pump.from.as_ref().filter(|_| !waiting) {
                pair[0] = Poll::new(from.raw(), POLLIN);
            }
        }
        polls
    }

    /// Passes on what can be passed on now. True: the limit was passed, and the rest is dropped.
    pub fn turn(&mut self, polls: &[Poll]) -> bool {
        let mut over = false;
        for (pair, pump) in polls.chunks_exact(2).zip(&mut self.pumps) {
            let Some(pump) = pump else { continue };
            if pump.start == pump.end && pair[1].happened & (POLLERR | POLLHUP) != 0 {
                pump.broken();
            }
            if pair[0].happened != 0 {
                over |= pump.fill(&mut self.left);
            }
            if pair[0].happened | pair[1].happened != 0 {
                pump.empty();
            }
        }
        if over {
            self.pumps.iter_mut().flatten().for_each(|pump| pump.from = None);
        }
        over
    }
}

impl Pump {
    /// Nobody reads any more: the job is to see that at its next write.
    fn broken(&mut self) {
        self.from = None;
        self.start = self.end;
    }

    /// Reads once. True: there was more than `left`.
    fn fill(&mut self, left: &mut u64) -> bool {
        let Some(from) = self.from.as_ref().filter(|_| self.start == self.end) else { return false };
        match sys::read(from.raw(), self.buffer) {
            Ok(0) => self.from = None,
            Ok(count) => {
                let counted = (count as u64).min(*left);
                *left -= counted;
                (self.start, self.end) = (0, counted as usize);
                return counted < count as u64;
            }
            Err(EAGAIN | EINTR) => {}
            Err(_) => self.from = None,
        }
        false
    }

    /// Writes until all is written or the reader is full.
    fn empty(&mut self) {
        while let Some(rest) = self.buffer.get(self.start..self.end).filter(|rest| !rest.is_empty()) {
            let (written, again) = if self.regular {
                (sys::write(self.to.raw(), rest), true)
            } else {
                match sys::write_nowait(self.to.raw(), rest) {
                    Err(EOPNOTSUPP) => (sys::write(self.to.raw(), &rest[..rest.len().min(PIPE_BUF)]), false),
                    other => (other, true),
                }
            };
            match written {
                Ok(count) => self.start += count,
                Err(EAGAIN | EINTR) => return,
                Err(_) => return self.broken(),
            }
            if !again {
                return;
            }
        }
    }
}

/// Whether both are one pipe, socket or terminal. Files are left apart: each may have an offset of its own.
fn same_stream(one: i32, other: i32) -> bool {
    match (fs::stat(one), fs::stat(other)) {
        (Ok(one), Ok(other)) => (one.dev, one.ino) == (other.dev, other.ino) && !one.is_regular(),
        _ => false,
    }
}
