//! A process in a jail of namespaces, seen from the embedder.

use std::net::{IpAddr, SocketAddr};
use std::os::fd::{AsFd, OwnedFd};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use nix_jail_core::{
    Control, Error, Exec, Exit, Feature, Process, ProcessControl, Reason, Result, SocketRequest, Stdio, Usage,
};

use super::control::{BACKEND, ControlSocket, Inbox};
use super::{compile, refusal, standard};
use crate::plan::wire::{self, Report, Request, Socket};
use crate::sys;

/// The embedder's handle. Dropping it ends the job.
#[derive(Debug)]
pub(super) struct Jailed {
    control: Arc<ControlSocket>,
    program: String,
    working_dir: PathBuf,
}

impl Jailed {
    pub(super) fn new(control: Arc<ControlSocket>, program: &Path, working_dir: &Path) -> Self {
        Self { control, program: program.display().to_string(), working_dir: working_dir.into() }
    }

    /// The answer to a request with this number.
    async fn answer(&self, id: u32) -> Result<(Report, Option<OwnedFd>)> {
        let gone = || Err(Error::backend(BACKEND, "asking the jail", "the job is over"));
        self.control
            .wait_for(|inbox| match inbox.answers.remove(&id) {
                Some(answer) => Some(Ok(answer)),
                None => inbox.over().then(gone),
            })
            .await?
    }
}

impl Inbox {
    /// No more answers will come.
    fn over(&self) -> bool {
        self.closed || self.exit.is_some()
    }

    fn take_started(&mut self, program: &str) -> Option<Result<()>> {
        // The last wall could not be closed, or there are too many programs in the jail.
        if let Some(Report::Refused { errno, .. }) = self.held {
            let why = std::io::Error::from_raw_os_error(errno);
            return Some(Err(Error::backend(BACKEND, "starting the program", why)));
        }
        match self.started {
            Some(Report::ExecFailed { kind, errno, .. }) => Some(Err(refusal::exec(program, kind, errno))),
            Some(_) => Some(Ok(())),
            None => {
                self.over().then(|| Err(Error::backend(BACKEND, "starting the program", "the jail's launcher died")))
            }
        }
    }

    fn how_it_ended(&self) -> Option<Exit> {
        match self.exit {
            Some(Report::Exit { code, signal, reason, usage }) => Some(exit(code, signal, reason, &usage)),
            _ => self.closed.then(|| Exit::new(Reason::LauncherDied, None, None, Usage::default())),
        }
    }
}

#[async_trait]
impl ProcessControl for Jailed {
    async fn socket(&self, want: &SocketRequest) -> Result<OwnedFd> {
        let id = self.control.next_id();
        self.control.send(Request::Socket { id, what: socket(want)? }, &[])?;
        match self.answer(id).await? {
            (Report::Socket { errno: 0, .. }, Some(fd)) => Ok(fd),
            (Report::Socket { errno, .. }, _) => {
                let why = std::io::Error::from_raw_os_error(errno);
                Err(Error::backend(BACKEND, format!("making a socket in the jail ({want:?})"), why))
            }
            _ => Err(Error::backend(BACKEND, "making a socket in the jail", "the answer is to another question")),
        }
    }

    async fn release(&self) -> Result<()> {
        self.control.send(Request::Release, &[])?;
        self.control.wait_for(|inbox| inbox.take_started(&self.program)).await?
    }

    async fn wait(&self) -> Result<Exit> {
        self.control.wait_for(|inbox| inbox.how_it_ended()).await
    }

    async fn control(&self, what: Control) -> Result<()> {
        let request = match what {
            Control::Signal(signal @ 1..=64) => Request::Signal { signal: signal as u32, group: true },
            Control::Signal(other) => {
                return Err(Error::invalid("signal", format!("{other} is no signal"), "see signal(7): 1 to 64"));
            }
            Control::Kill => Request::Kill,
            Control::Freeze => Request::Freeze,
            Control::Thaw => Request::Thaw,
            other => return Err(cannot(format!("{other:?}: this backend gives no job a terminal yet"))),
        };
        self.control.send(request, &[])
    }

    async fn exec(&self, command: &Exec, io: Stdio) -> Result<Process> {
        let failed = |e: std::io::Error| Error::backend(BACKEND, "starting a second program", e);
        let working_dir = command.working_dir.as_ref().unwrap_or(&self.working_dir);
        let plan = compile::command(&command.program, &command.args, &command.env, working_dir)?;
        let plan = plan.encode().map_err(|e| Error::invalid("exec", e.to_string(), "take it out"))?;
        let plan = sys::sealed("nix-jail-plan", &plan, false).map_err(failed)?;
        let (ours, theirs) = sys::socket_pair().map_err(|e| failed(e.into()))?;
        let (stdio, mut fds) = standard(&io);
        fds.splice(0..0, [plan.as_fd(), theirs.as_fd()]);
        self.control.send(Request::Exec { stdio }, &fds)?;
        drop(theirs);
        let second = Self::new(Arc::new(ControlSocket::new(ours)), &command.program, working_dir);
        second.control.wait_for(|inbox| inbox.take_started(&second.program)).await??;
        Ok(Arc::new(second))
    }

    async fn usage(&self) -> Result<Usage> {
        let id = self.control.next_id();
        self.control.send(Request::Usage { id }, &[])?;
        match self.answer(id).await? {
            (Report::Usage { usage: used, .. }, _) => Ok(usage(&used)),
            _ => Err(Error::backend(BACKEND, "asking for usage", "the answer is to another question")),
        }
    }
}

impl Drop for Jailed {
    fn drop(&mut self) {
        self.control.shut();
    }
}

fn cannot(how: String) -> Error {
    Error::Unsupported { feature: Feature::Terminal, support: nix_jail_core::Support::Unsupported, how, fix: None }
}

fn exit(code: u32, signal: u32, reason: u32, used: &wire::Usage) -> Exit {
    let usage = usage(used);
    let ended = |reason| Exit::new(reason, None, Some(9), usage);
    match wire::Reason::from_number(reason) {
        Some(wire::Reason::Exited) => Exit::new(Reason::Exited, Some(code as i32), None, usage),
        Some(wire::Reason::Signalled) => Exit::new(Reason::Signalled, None, Some(signal as i32), usage),
        Some(wire::Reason::TimedOut) => ended(Reason::TimedOut),
        Some(wire::Reason::Cpu) => ended(Reason::LimitReached(Feature::CpuTime)),
        Some(wire::Reason::Output) => ended(Reason::LimitReached(Feature::Output)),
        Some(wire::Reason::Cancelled | wire::Reason::JailEnded) => ended(Reason::Cancelled),
        None => Exit::new(Reason::LauncherDied, None, None, usage),
    }
}

fn usage(used: &wire::Usage) -> Usage {
    Usage::new(
        Duration::from_nanos(used.wall_ns),
        Duration::from_nanos(used.cpu_ns),
        Some(used.peak_bytes).filter(|b| *b > 0),
    )
}

fn socket(want: &SocketRequest) -> Result<Socket> {
    Ok(match *want {
        SocketRequest::TcpListener(at) => {
            let (v6, address, port) = address(at);
            Socket::TcpListener { v6, address, port }
        }
        SocketRequest::Udp(at) => {
            let (v6, address, port) = address(at);
            Socket::Udp { v6, address, port }
        }
        SocketRequest::Tcp { v6 } => Socket::Tcp { v6 },
        SocketRequest::Netlink { protocol } => Socket::Netlink { protocol: protocol as u32 },
        ref other => {
            return Err(Error::backend(BACKEND, "making a socket in the jail", format!("{other:?} is not known here")));
        }
    })
}

fn address(at: SocketAddr) -> (bool, [u8; 16], u16) {
    match at.ip() {
        IpAddr::V6(ip) => (true, ip.octets(), at.port()),
        IpAddr::V4(ip) => {
            let mut address = [0; 16];
            address[..4].copy_from_slice(&ip.octets());
            (false, address, at.port())
        }
    }
}
