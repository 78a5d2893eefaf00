//! Process 1 from the moment the walls are up: one loop until everything in the jail is dead.
mod programs;
mod requests;

use crate::CONTROL;
use crate::cpu::Meter;
use crate::init::Kept;
use crate::plan::Plan;
use crate::pump::Pumps;
use crate::report::send_last;
use crate::sys::net::{self, POLLIN, Poll};
use crate::sys::{self, ECHILD, Fd, task};
use crate::wire::{Reason, Report, Usage};
use programs::{MOST, Program};

#[derive(PartialEq, Eq)]
enum Phase {
    Held,
    Running,
    /// Everything was killed; what is left is to see it dead and to pass on what it wrote.
    Ending,
}

/// The state of the jail.
struct Watch<'a> {
    plan: &'a Plan<'static>,
    kept: Kept,
    phase: Phase,
    main: i32,
    status: u32,
    /// Why everything was killed, if it was.
    reason: Option<Reason>,
    released: u64,
    /// When to look at the CPU time again, and whether ever.
    look: Option<u64>,
    /// When to stop waiting for a reader.
    patience: Option<u64>,
    childless: bool,
    pumps: Pumps,
    meter: Meter,
    programs: [Option<Program>; MOST],
}

/// How long a reader may take for the output of a job that was killed.
const PATIENCE_NS: u64 = 200_000_000;
/// Control socket, embedder, outer process, children, two for each of two pumps.
const FIXED: usize = 8;

/// Waits, and does what has to be done, until the jail has ended.
pub fn run(plan: &Plan<'static>, mut kept: Kept) -> ! {
    let meter = Meter::new(kept.cpu.take());
    let mut watch = Watch {
        plan,
        kept,
        phase: Phase::Held,
        main: 0,
        status: 0,
        reason: None,
        released: 0,
        look: None,
        patience: None,
        childless: true,
        pumps: Pumps::default(),
        meter,
        programs: [const { None }; MOST],
    };
    while !watch.over() {
        let mut polls = watch.polls();
        if net::poll(&mut polls, watch.pause()).is_err() {
            task::exit(125);
        }
        watch.turn(&polls);
    }
    watch.finish()
}

impl Watch<'_> {
    fn over(&self) -> bool {
        self.dead() && (self.pumps.done() || self.patience.is_some_and(|end| task::now() >= end))
    }

    /// Whether nothing runs any more, and only output is on its way.
    fn dead(&self) -> bool {
        self.phase == Phase::Ending && self.childless
    }

    fn polls(&self) -> [Poll; FIXED + MOST] {
        let mut polls = [Poll::new(-1, 0); FIXED + MOST];
        polls[0] = Poll::new(CONTROL, POLLIN);
        polls[1] = Poll::new(self.kept.inherited.embedder, POLLIN);
        polls[2] = Poll::new(self.kept.gate.raw(), 0);
        polls[3] = Poll::new(self.kept.children.raw(), POLLIN);
        polls[4..FIXED].copy_from_slice(&self.pumps.polls());
        for (poll, program) in polls[FIXED..].iter_mut().zip(&self.programs) {
            *poll = Poll::new(program.as_ref().map_or(-1, |program| program.control.raw()), POLLIN);
        }
        polls
    }

    /// The time until something is due, in nanoseconds.
    fn pause(&self) -> Option<u64> {
        let patience = self.patience.filter(|_| self.dead());
        let due = [self.deadline(), self.look, patience].into_iter().flatten().min()?;
        Some(due.saturating_sub(task::now()))
    }

    /// When the wall clock runs out.
    fn deadline(&self) -> Option<u64> {
        let counts = self.plan.wall_ns != 0 && self.phase == Phase::Running && self.reason.is_none();
        counts.then(|| self.released.saturating_add(self.plan.wall_ns))
    }

    fn turn(&mut self, polls: &[Poll; FIXED + MOST]) {
        let happened = |at: usize| polls.get(at).is_some_and(|poll: &Poll| poll.happened != 0);
        if happened(1) || happened(2) {
            // The embedder or the outer process is gone: nobody is left to tell. All die with process 1.
            task::exit(125);
        }
        if happened(0) {
            self.request();
        }
        if self.pumps.turn(&polls[4..FIXED]) {
            self.end(Reason::Output);
        }
        for at in 0..MOST {
            if happened(FIXED + at) {
                self.program_request(at);
            }
        }
        if happened(3) {
            let _ = sys::read(self.kept.children.raw(), &mut [0; 128]);
            self.reap();
        }
        self.clocks();
    }

    /// Ends the jail where a limit of time has been passed.
    fn clocks(&mut self) {
        if self.phase != Phase::Running || self.reason.is_some() {
            return;
        }
        let now = task::now();
        if self.deadline().is_some_and(|end| now >= end) {
            self.end(Reason::TimedOut);
        } else if self.look.is_some_and(|due| now >= due) {
            let used = self.meter.total(self.kept.proc.as_ref());
            if used >= self.plan.cpu_ns {
                return self.end(Reason::Cpu);
            }
            let after = task::now();
            let left = self.plan.cpu_ns - used;
            self.look = Some(after + self.meter.pause(self.kept.proc.as_ref(), left, after - now));
        }
    }

    /// Waits for every child that has ended, orphans too. The jail ends with its main process.
    fn reap(&mut self) {
        loop {
            let answer = task::reap(-1, false);
            self.childless = matches!(answer, Err(ECHILD));
            let Ok(Some(ended)) = answer else { break };
            if ended.pid == self.main {
                (self.main, self.status) = (0, ended.status);
                self.phase = Phase::Ending;
                // The wall clock still bounds how long a reader may take.
                self.patience = (self.plan.wall_ns != 0).then(|| self.released.saturating_add(self.plan.wall_ns));
            } else {
                self.program_ended(&ended);
            }
        }
        if self.phase == Phase::Ending && !self.childless {
            let _ = task::kill(-1, task::SIGKILL);
        }
    }

    /// Kills everything. The first reason stands.
    fn end(&mut self, reason: Reason) {
        if self.phase == Phase::Running {
            self.reason = self.reason.or(Some(reason));
        } else if self.phase == Phase::Held {
            self.reason = Some(reason);
            self.phase = Phase::Ending;
        }
        self.look = None;
        self.patience = Some(task::now() + PATIENCE_NS);
        let _ = task::kill(-1, task::SIGKILL);
    }

    fn usage(&mut self) -> Usage {
        let wall_ns = if self.released == 0 { 0 } else { task::now() - self.released };
        let cpu_ns = self.meter.total(self.kept.proc.as_ref().filter(|_| !self.childless));
        Usage { wall_ns, cpu_ns, peak_bytes: task::children_usage().1 }
    }

    /// Reports the end as data, before the kernel takes the namespaces down.
    fn finish(&mut self) -> ! {
        let (code, signal) = split(self.status);
        let natural = if signal == 0 { Reason::Exited } else { Reason::Signalled };
        self.programs_end();
        let usage = self.usage();
        let reason = self.reason.unwrap_or(natural) as u32;
        send_last(CONTROL, Report::Exit { code, signal, reason, usage });
        task::exit(0)
    }
}

/// Exit code and signal in a status of wait(2).
fn split(status: u32) -> (u32, u32) {
    (status >> 8 & 0xff, status & 0x7f)
}
