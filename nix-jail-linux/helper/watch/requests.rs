//! What the embedder asks.
use super::{Phase, Watch};
use crate::outer::Inherited;
use crate::report::{Refusal, refuse, send, send_last};
use crate::sys::net::{self, Received};
use crate::sys::{self, EAGAIN, EINTR, task};
use crate::wire::{Reason, Report, Request, SIZE, Socket, Step};
use crate::{CONTROL, job, socket};

impl Watch<'_> {
    /// Reads one request and does it.
    pub(super) fn request(&mut self) {
        let mut message = [0; SIZE];
        let received = match net::receive(CONTROL, &mut message, false) {
            Ok(received) if received.len == 0 => task::exit(125),
            Ok(received) => received,
            Err(EAGAIN | EINTR) => return,
            Err(_) => task::exit(125),
        };
        let Some(request) = message.get(..received.len).and_then(Request::decode) else { return };
        self.serve(request, received);
    }

    fn serve(&mut self, request: Request, received: Received) {
        match request {
            Request::Start { .. } => {}
            Request::Release if self.phase == Phase::Held => self.release(),
            Request::Release => {}
            Request::Signal { signal, group } if self.main > 0 => {
                let _ = task::kill(if group { -self.main } else { self.main }, signal as i32);
            }
            Request::Signal { .. } => {}
            Request::Kill => self.end(Reason::Cancelled),
            Request::Socket { id, what } => self.socket(id, what),
            Request::Freeze => self.signal_all(task::SIGSTOP),
            Request::Thaw => self.signal_all(task::SIGCONT),
            Request::Exec { stdio } => self.exec(stdio, received),
            Request::Usage { id } => {
                let usage = self.usage();
                send(CONTROL, Report::Usage { id, usage });
            }
        }
    }

    /// Starts the main program.
    fn release(&mut self) {
        self.released = task::now();
        let Inherited { stdio, .. } = &mut self.kept.inherited;
        if self.plan.output != 0
            && let Err(errno) = self.pumps.insert(stdio, self.plan.output)
        {
            refuse(Refusal { step: Step::Descriptors, index: 0, errno });
        }
        let ruleset = self.kept.ruleset.as_ref().map(sys::Fd::raw);
        let started = job::start(self.plan, &self.plan.command, *stdio, ruleset);
        close_all(*stdio);
        match started {
            Ok(pid) => {
                (self.main, self.phase) = (pid, Phase::Running);
                send(CONTROL, Report::Started { pid: pid as u32 });
            }
            Err(job::Failure { kind, errno, candidate }) => {
                send_last(CONTROL, Report::ExecFailed { kind: kind as u32, errno: errno.0, candidate });
                task::exit(125);
            }
        }
        if self.plan.cpu_ns != 0 {
            self.look = Some(self.released + self.meter.pause(self.kept.proc.as_ref(), self.plan.cpu_ns, 0));
        }
    }

    fn socket(&mut self, id: u32, what: Socket) {
        let made = socket::make(what, self.phase != Phase::Held);
        let errno = made.as_ref().err().map_or(0, |errno| errno.0);
        let fd = made.as_ref().ok().map(sys::Fd::raw);
        let _ = net::send(CONTROL, &Report::Socket { id, errno }.encode(), fd);
    }

    fn signal_all(&self, signal: i32) {
        if self.phase == Phase::Running {
            let _ = task::kill(-1, signal);
        }
    }
}

/// Closes standard descriptors that a program got, so that it alone holds them.
pub(super) fn close_all(stdio: [i32; 3]) {
    for (at, fd) in stdio.into_iter().enumerate() {
        if fd >= 0 && !stdio.iter().take(at).any(|earlier| *earlier == fd) {
            sys::close(fd);
        }
    }
}
