//! The machine's ability to run jobs, as one value.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use crate::admit::{Live, admit};
use crate::event::{EventBus, Sink};
use crate::teardown::{Reaper, Teardown};
use crate::{
    AdmittedJob, Capabilities, Error, EventStream, Fact, JailCommand, JobEvent, JobSpec, Platform, Process, Result,
};
use crate::{RunningJob, Stdio};

/// Runs jobs on one [`Platform`]. Cheap to clone; clones share everything.
#[derive(Clone, Debug)]
pub struct Jail {
    inner: Arc<Inner>,
}

#[derive(Debug)]
struct Inner {
    platform: Platform,
    promised: Capabilities,
    live: Arc<Live>,
    events: EventBus,
    reaper: Arc<Reaper>,
}

/// Makes a [`Jail`] that is more than its platform.
pub struct JailBuilder {
    platform: Platform,
    sink: Option<Sink>,
}

impl JailBuilder {
    /// Calls `sink` for every fact, before anything goes on: the place for an audit. It must not block for long.
    #[must_use]
    pub fn sink(mut self, sink: impl Fn(&JobEvent) + Send + Sync + 'static) -> Self {
        self.sink = Some(Arc::new(sink));
        self
    }

    /// The jail.
    pub fn build(self) -> Jail {
        let events = EventBus::new(self.sink);
        let promised = self.platform.capabilities();
        let reaper = Arc::new(Reaper::new(events.clone()));
        Jail { inner: Arc::new(Inner { platform: self.platform, promised, live: Arc::default(), events, reaper }) }
    }
}

impl Jail {
    /// A jail on this platform. Needs no runtime and starts nothing.
    pub fn new(platform: Platform) -> Self {
        Self::builder(platform).build()
    }

    /// A jail on this platform, with more to be said about it.
    pub fn builder(platform: Platform) -> JailBuilder {
        JailBuilder { platform, sink: None }
    }

    /// The front for people: a command in the manner of `tokio::process::Command`.
    pub fn command(&self, program: impl Into<PathBuf>) -> JailCommand {
        JailCommand::new(self.clone(), program)
    }

    /// What this machine promises.
    pub fn capabilities(&self) -> &Capabilities {
        &self.inner.promised
    }

    /// What runs the jobs.
    pub fn platform(&self) -> &Platform {
        &self.inner.platform
    }

    /// Every fact from now on.
    pub fn subscribe(&self) -> EventStream {
        self.inner.events.subscribe()
    }

    /// Checks a spec against this machine, and mints a run for it. Creates nothing.
    ///
    /// # Errors
    /// [`Error::InvalidSpec`], [`Error::Unsupported`] and [`Error::Busy`].
    pub fn admit(&self, spec: JobSpec) -> Result<AdmittedJob> {
        let Inner { platform, promised, live, events, .. } = &*self.inner;
        admit(spec, platform, promised, live, events)
    }

    /// Admits a spec and starts it.
    ///
    /// # Errors
    /// Those of [`admit`](Self::admit) and [`launch`](Self::launch).
    pub async fn start(&self, spec: JobSpec, io: Stdio) -> Result<RunningJob> {
        self.launch(self.admit(spec)?, io).await
    }

    /// Starts an admitted job: when this returns, its program has been executed. A future that is dropped before then
    /// never ran anything.
    ///
    /// # Errors
    /// [`Error::NotFound`] and [`Error::NotExecutable`] for the program, [`Error::InvalidSpec`] for what the machine's
    /// files say of the spec, [`Error::Privilege`] and [`Error::Backend`] for walls that could not be built.
    pub async fn launch(&self, job: AdmittedJob, io: Stdio) -> Result<RunningJob> {
        let mut teardown = Teardown::new(job.lease(), self.inner.reaper.clone());
        match self.build(&job, io, &mut teardown).await {
            Ok(process) => {
                job.emit(Fact::Started);
                Ok(RunningJob::new(job, process, teardown))
            }
            Err(e) => {
                job.emit(Fact::StartFailed { why: e.to_string() });
                // What cannot be undone here is the reaper's: the caller is told why the start failed.
                let _ = teardown.finish().await;
                Err(e)
            }
        }
    }

    async fn build(&self, job: &AdmittedJob, io: Stdio, teardown: &mut Teardown) -> Result<Process> {
        let Platform { filesystem, network, isolation } = &self.inner.platform;
        teardown.arm(filesystem.clone());
        let workspace = filesystem.prepare_workspace(job).await?;
        teardown.arm(network.clone());
        let config = network.setup_network(job).await?;
        teardown.arm(isolation.clone());
        let process = isolation.spawn(job, &workspace, &config, io).await?;
        network.attach(job, process.as_ref()).await?;
        process.release().await?;
        Ok(process)
    }

    /// Waits until nothing is left of any job. Jobs that run are waited for, not ended. Needs a runtime with timers.
    ///
    /// # Errors
    /// [`Error::Leaked`] names what is left at the deadline.
    pub async fn close(&self, deadline: Duration) -> Result<()> {
        let Inner { live, reaper, platform, .. } = &*self.inner;
        reaper.wake();
        let mut unsettled = Vec::new();
        let drained = async {
            live.none_left().await;
            for provider in platform.providers() {
                // For the case that the deadline comes while it settles.
                unsettled.push(format!("{}: still settling", provider.name()));
                let settled = provider.settle().await;
                unsettled.pop();
                unsettled.extend(settled.err().map(|e| format!("{}: {e}", provider.name())));
            }
        };
        let in_time = tokio::time::timeout(deadline, drained).await.is_ok();
        let mut what = reaper.leaked();
        what.append(&mut unsettled);
        if !in_time {
            what.extend(live.names());
        }
        if what.is_empty() { Ok(()) } else { Err(Error::Leaked { what }) }
    }
}
