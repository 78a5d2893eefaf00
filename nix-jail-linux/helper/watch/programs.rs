//! Further programs behind the same walls, each with a control socket of its own.
use super::requests::close_all;
use super::{Fd, Phase, Watch, split};
use crate::job;
use crate::outer::standard;
use crate::plan::Command;
use crate::report::{Refusal, send, send_last};
use crate::sys::net::{self, Received};
use crate::sys::task::{self, Ended};
use crate::sys::{self, EAGAIN, EBADMSG, EINTR, Errno, fs};
use crate::wire::{Reason, Report, Request, SIZE, Step, Usage};

/// How many may run at once.
pub(super) const MOST: usize = 16;

/// One that runs.
pub(super) struct Program {
    pid: i32,
    pub(super) control: Fd,
    started: u64,
}

impl Watch<'_> {
    /// Starts a program; everything about it is said on its own control socket.
    pub(super) fn exec(&mut self, stdio: u32, mut received: Received) {
        let (Some(plan), Some(control)) = (received.next_fd(), received.next_fd()) else { return };
        let refuse = |step: Step, errno: Errno| {
            send_last(control.raw(), Report::Refused { step: step as u32, index: 0, errno: errno.0 });
        };
        let free = self.programs.iter().position(Option::is_none);
        let Some(free) = free.filter(|_| self.phase == Phase::Running) else {
            return refuse(Step::TooManyPrograms, EAGAIN);
        };
        let places = match standard(stdio, &mut received) {
            Ok(places) => places,
            Err(Refusal { step, errno, .. }) => return refuse(step, errno),
        };
        let size = fs::stat(plan.raw()).map_or(0, |stat| stat.size as usize);
        let started = match sys::map_file(plan.raw(), size) {
            Ok(bytes) => {
                let started = Command::decode(bytes)
                    .map(|command| job::start(self.plan, &command, places, self.kept.ruleset.as_ref().map(Fd::raw)));
                // SAFETY: the command that borrowed from the bytes is gone, and the child that read them has executed.
                unsafe { sys::unmap(bytes) };
                started.map_err(|_| EBADMSG)
            }
            Err(errno) => Err(errno),
        };
        close_all(places);
        match started {
            Ok(Ok(pid)) => {
                send(control.raw(), Report::Started { pid: pid as u32 });
                self.programs[free] = Some(Program { pid, control, started: task::now() });
            }
            Ok(Err(job::Failure { kind, errno, candidate })) => {
                send_last(control.raw(), Report::ExecFailed { kind: kind as u32, errno: errno.0, candidate });
            }
            Err(errno) => refuse(Step::ReadPlan, errno),
        }
    }

    /// A request on the control socket of a program. Its embedder's end closed: the program is killed.
    pub(super) fn program_request(&mut self, at: usize) {
        let Some(program) = self.programs.get_mut(at).and_then(Option::as_mut) else { return };
        let mut message = [0; SIZE];
        let request = match net::receive(program.control.raw(), &mut message, false) {
            Ok(received) if received.len > 0 => message.get(..received.len).and_then(Request::decode),
            Err(EAGAIN | EINTR) => return,
            _ => {
                let _ = task::kill(-program.pid, task::SIGKILL);
                self.programs[at] = None;
                return;
            }
        };
        match request {
            Some(Request::Signal { signal, group }) => {
                let _ = task::kill(if group { -program.pid } else { program.pid }, signal as i32);
            }
            Some(Request::Kill) => {
                let _ = task::kill(-program.pid, task::SIGKILL);
            }
            _ => {}
        }
    }

    /// Tells the end of a child, if it was one of the programs.
    pub(super) fn program_ended(&mut self, ended: &Ended) {
        let is_this = |place: &&mut Option<Program>| place.as_ref().is_some_and(|program| program.pid == ended.pid);
        let Some(program) = self.programs.iter_mut().find(is_this).and_then(Option::take) else { return };
        let natural = if split(ended.status).1 == 0 { Reason::Exited } else { Reason::Signalled };
        program.tell(ended, if self.phase == Phase::Ending { Reason::JailEnded } else { natural });
    }

    /// The jail ends: those whose end was not seen are told so.
    pub(super) fn programs_end(&mut self) {
        for program in self.programs.iter_mut().filter_map(Option::take) {
            let ended = Ended { pid: program.pid, status: task::SIGKILL as u32, usage: (0, 0) };
            program.tell(&ended, Reason::JailEnded);
        }
    }
}

impl Program {
    fn tell(self, ended: &Ended, reason: Reason) {
        let (code, signal) = split(ended.status);
        let (cpu_ns, peak_bytes) = ended.usage;
        let usage = Usage { wall_ns: task::now() - self.started, cpu_ns, peak_bytes };
        send_last(self.control.raw(), Report::Exit { code, signal, reason: reason as u32, usage });
    }
}
