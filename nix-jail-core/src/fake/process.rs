use std::fs::File;
use std::io::{self, Write};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, PoisonError};

use async_trait::async_trait;
use tokio::sync::watch;

use super::Program;
use super::script::{Script, Step};
use crate::{
    AdmittedJob, Control, Error, Exec, Exit, JobKey, Process, ProcessControl, Reason, Result, SocketRequest, Stdio,
    Usage,
};

/// A process that is a value.
#[derive(Debug)]
pub(super) struct FakeProcess {
    script: Arc<Script>,
    run: JobKey,
    name: String,
    program: Program,
    io: Mutex<Stdio>,
    exit: watch::Sender<Option<Exit>>,
}

impl FakeProcess {
    pub(super) fn new(
        script: Arc<Script>,
        job: &AdmittedJob,
        program: Program,
        io: Stdio,
        exit: watch::Sender<Option<Exit>>,
    ) -> Self {
        let name = job.spec().program.display().to_string();
        Self { script, run: job.key().clone(), name, program, io: Mutex::new(io), exit }
    }

    fn end(&self, exit: Exit) {
        self.exit.send_if_modified(|now| now.is_none() && now.replace(exit).is_none());
        // A process that is over holds nothing open.
        self.take_io();
    }

    fn take_io(&self) -> Stdio {
        std::mem::take(&mut *self.io.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[async_trait]
impl ProcessControl for FakeProcess {
    async fn socket(&self, _: &SocketRequest) -> Result<OwnedFd> {
        self.script.enter(Step::Socket, Some(&self.run)).await?;
        let (ours, _) = UnixStream::pair().map_err(|e| Error::backend("fake", "making a socket", e))?;
        Ok(ours.into())
    }

    async fn release(&self) -> Result<()> {
        self.script.enter(Step::Release, Some(&self.run)).await?;
        self.program.start(&self.name)?;
        let io = self.take_io();
        let written = write(io.stdout.as_ref(), &self.program.stdout);
        let written = written.and_then(|()| write(io.stderr.as_ref(), &self.program.stderr));
        *self.io.lock().unwrap_or_else(PoisonError::into_inner) = io;
        written.map_err(|e| Error::backend("fake", "writing the program's output", e))?;
        if let Some(exit) = &self.program.exit {
            self.end(exit.clone());
        }
        Ok(())
    }

    async fn wait(&self) -> Result<Exit> {
        self.script.enter(Step::Wait, Some(&self.run)).await?;
        let mut exit = self.exit.subscribe();
        let exit = exit.wait_for(Option::is_some).await.ok().and_then(|exit| exit.clone());
        self.take_io();
        Ok(exit.unwrap_or_else(|| killed(Reason::LauncherDied)))
    }

    async fn control(&self, what: Control) -> Result<()> {
        self.script.enter(Step::Control, Some(&self.run)).await?;
        match what {
            Control::Kill => self.end(killed(Reason::Cancelled)),
            Control::Signal(n) => self.end(Exit::new(Reason::Signalled, None, Some(n), Usage::default())),
            Control::Freeze | Control::Thaw | Control::Resize { .. } => {}
        }
        Ok(())
    }

    async fn exec(&self, command: &Exec, io: Stdio) -> Result<Process> {
        self.script.enter(Step::Exec, Some(&self.run)).await?;
        let (script, run) = (self.script.clone(), self.run.clone());
        let name = command.program.display().to_string();
        let (program, io, exit) = (Program::exits(0), Mutex::new(io), watch::Sender::new(None));
        let process = Self { script, run, name, program, io, exit };
        process.release().await?;
        Ok(Arc::new(process))
    }

    async fn usage(&self) -> Result<Usage> {
        Ok(Usage::default())
    }
}

impl Drop for FakeProcess {
    fn drop(&mut self) {
        self.end(killed(Reason::Cancelled));
    }
}

fn write(to: Option<&OwnedFd>, text: &[u8]) -> io::Result<()> {
    match to {
        Some(fd) if !text.is_empty() => File::from(fd.try_clone()?).write_all(text),
        _ => Ok(()),
    }
}

fn killed(reason: Reason) -> Exit {
    Exit::new(reason, None, Some(9), Usage::default())
}
