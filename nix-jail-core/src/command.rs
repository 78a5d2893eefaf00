//! The front for people.

use std::ffi::OsString;
use std::io;
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;
use std::time::Duration;

use tokio::net::unix::pipe;

use crate::WorkspaceSpec;
use crate::{
    Access, ByteSize, Error, Exit, Feature, Jail, JobId, JobSpec, MountSpec, Profile, Result, Root, RunningJob, Stdio,
};

/// Where one of a job's standard streams goes.
#[derive(Debug, Default)]
#[non_exhaustive]
pub enum Stream {
    /// `/dev/null`.
    #[default]
    Null,
    /// Where the embedder's own goes.
    Inherit,
    /// To or from the embedder, through a pipe.
    Piped,
    /// To or from this.
    Fd(OwnedFd),
}

/// What a job wrote, and how it ended.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Output {
    /// How it ended.
    pub exit: Exit,
    /// What it wrote to stdout, if that was piped.
    pub stdout: Vec<u8>,
    /// What it wrote to stderr, if that was piped.
    pub stderr: Vec<u8>,
}

/// A job in the making, in the manner of `tokio::process::Command`. Unlike there, nothing is inherited: not the
/// environment, not the working directory, and the standard streams only if asked for.
#[derive(Debug)]
pub struct JailCommand {
    jail: Jail,
    spec: JobSpec,
    streams: [Option<Stream>; 3],
}

impl JailCommand {
    pub(crate) fn new(jail: Jail, program: impl Into<PathBuf>) -> Self {
        Self { jail, spec: JobSpec::new(program), streams: [None, None, None] }
    }

    /// The spec itself, for what has no method here.
    pub fn spec(&mut self) -> &mut JobSpec {
        &mut self.spec
    }

    /// One more argument.
    pub fn arg(&mut self, arg: impl Into<OsString>) -> &mut Self {
        self.spec.args.push(arg.into());
        self
    }

    /// More arguments.
    pub fn args<A: Into<OsString>>(&mut self, args: impl IntoIterator<Item = A>) -> &mut Self {
        self.spec.args.extend(args.into_iter().map(Into::into));
        self
    }

    /// A variable.
    pub fn env(&mut self, name: impl Into<OsString>, value: impl Into<OsString>) -> &mut Self {
        self.spec.env.set(name, value);
        self
    }

    /// Where the program starts, in the jail. Default: `/workspace`.
    pub fn current_dir(&mut self, dir: impl Into<PathBuf>) -> &mut Self {
        self.spec.working_dir = Some(dir.into());
        self
    }

    /// The name of the job. Default: one is made up.
    pub fn id(&mut self, id: JobId) -> &mut Self {
        self.spec.id = Some(id);
        self
    }

    /// What the job sees as `/`. Default: [`Root::Host`].
    pub fn root(&mut self, root: Root) -> &mut Self {
        self.spec.root = root;
        self
    }

    /// A directory of the host as `/workspace`. Default: an empty one in memory.
    pub fn workspace(&mut self, dir: impl Into<PathBuf>, access: Access) -> &mut Self {
        self.spec.workspace = WorkspaceSpec::Dir { path: dir.into(), access };
        self
    }

    /// One more mount.
    pub fn mount(&mut self, mount: MountSpec) -> &mut Self {
        self.spec.mounts.push(mount);
        self
    }

    /// How tight the system call filter is.
    pub fn profile(&mut self, profile: Profile) -> &mut Self {
        self.spec.profile = profile;
        self
    }

    /// Ends the job this long after its program started.
    pub fn time(&mut self, limit: Duration) -> &mut Self {
        self.spec.limits.wall_clock = Some(limit);
        self
    }

    /// Ends the job when its processes together have used this much CPU time.
    pub fn cpu_time(&mut self, limit: Duration) -> &mut Self {
        self.spec.limits.cpu_time = Some(limit);
        self
    }

    /// Processes and threads that the job may have at once.
    pub fn tasks(&mut self, limit: u32) -> &mut Self {
        self.spec.limits.tasks = Some(limit);
        self
    }

    /// Ends the job when it has written this much to stdout and stderr.
    pub fn output_limit(&mut self, limit: ByteSize) -> &mut Self {
        self.spec.limits.output = Some(limit);
        self
    }

    /// Runs the job although this promise is kept only in part, or not at all.
    pub fn allow_degraded(&mut self, feature: Feature) -> &mut Self {
        self.spec.may_degrade.insert(feature);
        self
    }

    /// Where stdin comes from. Default: `/dev/null`.
    pub fn stdin(&mut self, stream: Stream) -> &mut Self {
        self.streams[0] = Some(stream);
        self
    }

    /// Where stdout goes. Default: inherited; piped for [`output`](Self::output).
    pub fn stdout(&mut self, stream: Stream) -> &mut Self {
        self.streams[1] = Some(stream);
        self
    }

    /// Where stderr goes. Default: inherited; piped for [`output`](Self::output).
    pub fn stderr(&mut self, stream: Stream) -> &mut Self {
        self.streams[2] = Some(stream);
        self
    }

    /// Starts the job.
    ///
    /// # Errors
    /// Those of [`Jail::start`].
    pub async fn spawn(&mut self) -> Result<RunningJob> {
        self.start(|| Stream::Inherit).await
    }

    /// Starts the job and waits for its end.
    ///
    /// # Errors
    /// Those of [`Jail::start`] and [`RunningJob::wait`].
    pub async fn status(&mut self) -> Result<Exit> {
        let mut job = self.spawn().await?;
        drop(job.stdin.take());
        job.wait().await
    }

    /// Starts the job, collects what it writes, and waits for its end. Set [`output_limit`](Self::output_limit) for jobs
    /// that are not trusted to stop writing.
    ///
    /// # Errors
    /// Those of [`Jail::start`] and [`RunningJob::wait_with_output`].
    pub async fn output(&mut self) -> Result<Output> {
        self.start(|| Stream::Piped).await?.wait_with_output().await
    }

    async fn start(&mut self, default_out: fn() -> Stream) -> Result<RunningJob> {
        let job = self.jail.admit(self.spec.clone())?;
        let [stdin, stdout, stderr] = std::mem::take(&mut self.streams);
        let failed = |e| Error::backend("pipe", "making the job's standard streams", e);
        let (stdin, ours_in) = source(stdin.unwrap_or_default()).map_err(failed)?;
        let (stdout, ours_out) = sink(stdout.unwrap_or_else(default_out), &io::stdout()).map_err(failed)?;
        let (stderr, ours_err) = sink(stderr.unwrap_or_else(default_out), &io::stderr()).map_err(failed)?;
        let mut running = self.jail.launch(job, Stdio { stdin, stdout, stderr, pty: None }).await?;
        (running.stdin, running.stdout, running.stderr) = (ours_in, ours_out, ours_err);
        Ok(running)
    }
}

type Ends<Ours> = (Option<OwnedFd>, Option<Ours>);

fn source(stream: Stream) -> io::Result<Ends<pipe::Sender>> {
    Ok(match stream {
        Stream::Null => (None, None),
        Stream::Inherit => (Some(io::stdin().as_fd().try_clone_to_owned()?), None),
        Stream::Fd(fd) => (Some(fd), None),
        Stream::Piped => {
            let (theirs, ours) = io::pipe()?;
            (Some(theirs.into()), Some(pipe::Sender::from_owned_fd(ours.into())?))
        }
    })
}

fn sink(stream: Stream, own: &impl AsFd) -> io::Result<Ends<pipe::Receiver>> {
    Ok(match stream {
        Stream::Null => (None, None),
        Stream::Inherit => (Some(own.as_fd().try_clone_to_owned()?), None),
        Stream::Fd(fd) => (Some(fd), None),
        Stream::Piped => {
            let (ours, theirs) = io::pipe()?;
            (Some(theirs.into()), Some(pipe::Receiver::from_owned_fd(ours.into())?))
        }
    })
}
