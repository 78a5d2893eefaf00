//! The library's end of the control socket: any number of tasks, on any number of runtimes, wait for messages on it.

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use nix_jail_core::{Error, Result};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

use crate::plan::wire::{self, Report, Request};
use crate::sys;

/// The name of this backend in errors.
pub(super) const BACKEND: &str = "namespaces";

/// The socket, and what came over it so far.
#[derive(Debug)]
pub(super) struct ControlSocket {
    socket: OwnedFd,
    inbox: Mutex<Inbox>,
    /// A fork of the embedder has this socket too, and must not end the job by dropping its copy.
    owner: u32,
}

/// Messages by what they answer. Each kind comes once, but the answers to numbered requests.
#[derive(Debug, Default)]
pub(super) struct Inbox {
    pub(super) held: Option<Report>,
    pub(super) started: Option<Report>,
    pub(super) exit: Option<Report>,
    pub(super) answers: HashMap<u32, (Report, Option<OwnedFd>)>,
    /// The other side is gone: nothing more will come.
    pub(super) closed: bool,
    last_request: u32,
}

impl ControlSocket {
    pub(super) fn new(socket: OwnedFd) -> Self {
        Self { socket, inbox: Mutex::default(), owner: std::process::id() }
    }

    /// Sends a request; that the other side is gone already is for the waiting side to say.
    pub(super) fn send(&self, request: Request, fds: &[std::os::fd::BorrowedFd<'_>]) -> Result<()> {
        match sys::send(&self.socket, &request.encode(), fds) {
            Ok(()) | Err(rustix::io::Errno::PIPE | rustix::io::Errno::CONNRESET) => Ok(()),
            Err(e) => Err(Error::backend(BACKEND, "talking to the jail", std::io::Error::from(e))),
        }
    }

    /// A number for a request that is answered.
    pub(super) fn next_id(&self) -> u32 {
        let mut inbox = self.inbox();
        inbox.last_request = inbox.last_request.wrapping_add(1);
        inbox.last_request
    }

    /// Ends the jail: pid 1 in it sees the end of the stream, kills everything and exits.
    pub(super) fn shut(&self) {
        if self.owner == std::process::id() {
            // An error means that it is shut already.
            let _ = rustix::net::shutdown(&self.socket, rustix::net::Shutdown::Both);
        }
    }

    /// Waits until `pick` finds what it looks for.
    pub(super) async fn wait_for<T>(&self, mut pick: impl FnMut(&mut Inbox) -> Option<T>) -> Result<T> {
        if let Some(found) = self.look(&mut pick)? {
            return Ok(found);
        }
        // A descriptor of its own for each wait: tasks of several runtimes may wait at once, and each is woken. It is
        // registered before the second look, so that what another task reads in between is not missed.
        let failed = |e| Error::backend(BACKEND, "watching the jail's control socket", e);
        let ready = sys::watch(self.socket.try_clone().map_err(failed)?).map_err(failed)?;
        loop {
            if let Some(found) = self.look(&mut pick)? {
                return Ok(found);
            }
            ready.readable().await.map_err(failed)?.clear_ready();
        }
    }

    /// The same without a runtime.
    pub(super) fn wait_blocking<T>(
        &self,
        patience: Duration,
        mut pick: impl FnMut(&mut Inbox) -> Option<T>,
    ) -> Result<T> {
        let until = Instant::now() + patience;
        loop {
            if let Some(found) = self.look(&mut pick)? {
                return Ok(found);
            }
            let left = until.saturating_duration_since(Instant::now());
            let left = Timespec { tv_sec: left.as_secs() as i64, tv_nsec: left.subsec_nanos().into() };
            match poll(&mut [PollFd::new(&self.socket, PollFlags::IN)], Some(&left)) {
                Ok(0) => return Err(Error::Timeout { doing: "building a jail".into(), after: patience }),
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(e) => {
                    return Err(Error::backend(BACKEND, "watching the jail's control socket", std::io::Error::from(e)));
                }
            }
        }
    }

    /// Reads what has come, then picks. What was cleared from readiness before is read here, so nothing is lost.
    fn look<T>(&self, pick: &mut impl FnMut(&mut Inbox) -> Option<T>) -> Result<Option<T>> {
        let mut inbox = self.inbox();
        loop {
            if let Some(found) = pick(&mut inbox) {
                return Ok(Some(found));
            }
            if !self.read_one(&mut inbox)? {
                return Ok(None);
            }
        }
    }

    /// Reads one message; says whether something changed.
    fn read_one(&self, inbox: &mut Inbox) -> Result<bool> {
        if inbox.closed {
            return Ok(false);
        }
        let mut message = [0; wire::SIZE];
        match sys::receive(&self.socket, &mut message) {
            Err(rustix::io::Errno::AGAIN) => Ok(false),
            // With messages of ours unread, a dead peer is a reset connection.
            Ok((0, _)) | Err(rustix::io::Errno::CONNRESET) => {
                inbox.closed = true;
                Ok(true)
            }
            Ok((n, fd)) => match Report::decode(&message[..n]) {
                Some(report) => Ok(inbox.put(report, fd)),
                None => Err(Error::backend(
                    BACKEND,
                    "reading the jail's control socket",
                    "not a message that this version knows",
                )),
            },
            Err(e) => Err(Error::backend(BACKEND, "reading the jail's control socket", std::io::Error::from(e))),
        }
    }

    fn inbox(&self) -> std::sync::MutexGuard<'_, Inbox> {
        self.inbox.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inbox {
    fn put(&mut self, report: Report, fd: Option<OwnedFd>) -> bool {
        match report {
            Report::Held | Report::Refused { .. } => self.held = Some(report),
            Report::Started { .. } | Report::ExecFailed { .. } => self.started = Some(report),
            Report::Exit { .. } => self.exit = Some(report),
            Report::Socket { id, .. } | Report::Usage { id, .. } => drop(self.answers.insert(id, (report, fd))),
        }
        true
    }
}
