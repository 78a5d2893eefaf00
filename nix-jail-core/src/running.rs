//! A job whose program runs.

use tokio::io::{AsyncRead, AsyncReadExt};
use tokio::net::unix::pipe;
use tokio::sync::Mutex;

use crate::teardown::Teardown;
use crate::{AdmittedJob, Control, Degraded, Exit, Fact, JobKey, Output, Process, Result};

/// A job whose program has been executed. Dropping it ends the job: no process of it outlives this value.
#[derive(Debug)]
pub struct RunningJob {
    /// Written to by the embedder, if the command asked for a pipe.
    pub stdin: Option<pipe::Sender>,
    /// Read by the embedder, if the command asked for a pipe.
    pub stdout: Option<pipe::Receiver>,
    /// Read by the embedder, if the command asked for a pipe.
    pub stderr: Option<pipe::Receiver>,
    process: Process,
    job: AdmittedJob,
    ending: Mutex<Ending>,
}

/// How far the way back has been walked.
#[derive(Debug)]
struct Ending {
    announced: bool,
    teardown: Option<Teardown>,
}

impl RunningJob {
    pub(crate) fn new(job: AdmittedJob, process: Process, teardown: Teardown) -> Self {
        let ending = Mutex::new(Ending { announced: false, teardown: Some(teardown) });
        Self { stdin: None, stdout: None, stderr: None, process, job, ending }
    }

    /// Which run this is.
    pub fn key(&self) -> &JobKey {
        self.job.key()
    }

    /// What the spec allows to be weaker and is.
    pub fn degraded(&self) -> &[Degraded] {
        self.job.degraded()
    }

    /// The process, for what this type has no shorthand for.
    pub fn process(&self) -> &Process {
        &self.process
    }

    /// Waits for the end of the job. Repeatable, cancel-safe, and by `&self`, so that another task can
    /// [`kill`](Self::kill). Note that a job that reads its stdin to the end waits for [`stdin`](Self::stdin) to be
    /// dropped.
    ///
    /// What a clean-up fails to take back costs nobody the exit: it is tried again in the background, and
    /// [`Jail::close`](crate::Jail::close) names what stays.
    ///
    /// # Errors
    /// [`Error::Backend`](crate::Error::Backend) where the machine fails; a job that fails is no error.
    pub async fn wait(&self) -> Result<Exit> {
        let exit = self.process.wait().await?;
        // Held to the end: whoever waits beside us does not return before everything is taken back either.
        let mut ending = self.ending.lock().await;
        if !std::mem::replace(&mut ending.announced, true) {
            self.job.emit(Fact::Exited(exit.clone()));
        }
        if let Some(teardown) = &mut ending.teardown {
            let _ = teardown.finish().await;
            // Dropped with steps in it, it goes to the reaper.
            ending.teardown = None;
        }
        Ok(exit)
    }

    /// Sends a signal to the program's process group, see signal(7).
    ///
    /// # Errors
    /// [`Error::Backend`](crate::Error::Backend) where it cannot be sent; a job that is over is no error.
    pub async fn signal(&self, signal: i32) -> Result<()> {
        self.process.control(Control::Signal(signal)).await
    }

    /// Ends every process of the job; [`wait`](Self::wait) then says [`Reason::Cancelled`](crate::Reason::Cancelled).
    ///
    /// # Errors
    /// As [`signal`](Self::signal).
    pub async fn kill(&self) -> Result<()> {
        self.process.control(Control::Kill).await
    }

    /// Closes stdin, reads what is piped to the end, and waits.
    ///
    /// # Errors
    /// Those of [`wait`](Self::wait), and of reading.
    pub async fn wait_with_output(mut self) -> Result<Output> {
        drop(self.stdin.take());
        let (stdout, stderr) = (self.stdout.take(), self.stderr.take());
        let (stdout, stderr, exit) = tokio::try_join!(read(stdout), read(stderr), self.wait())?;
        Ok(Output { exit, stdout, stderr })
    }
}

async fn read(from: Option<impl AsyncRead + Unpin>) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if let Some(mut from) = from {
        from.read_to_end(&mut bytes).await.map_err(|e| crate::Error::backend("pipe", "reading the job's output", e))?;
    }
    Ok(bytes)
}
