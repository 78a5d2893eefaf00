//! Walls made of namespaces. The library compiles a plan; the helper carries it out and becomes pid 1 of the jail.

mod compile;
mod control;
mod identity;
mod jailed;
mod layout;
mod refusal;
mod sysctl;
mod uids;

use std::collections::HashMap;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use nix_jail_core::{
    AdmittedJob, Capabilities, Error, IsolationProvider, JobKey, JobSpec, NetworkConfig, Process, Provider, Result,
    Stdio, Workspace,
};
use rustix::process::{PidfdFlags, getpid, pidfd_open};

use crate::plan::Plan;
use crate::plan::wire::{self, Report, Request};
use crate::sys::{self, HelperImage, off_thread};

use control::{BACKEND, ControlSocket, Inbox};
use identity::Identity;
use jailed::Jailed;

/// The isolation provider.
#[derive(Debug)]
pub(crate) struct Namespaces {
    promised: OnceLock<Capabilities>,
    state: Arc<State>,
}

/// What blocking work shares with the provider.
#[derive(Debug, Default)]
struct State {
    image: OnceLock<HelperImage>,
    /// What exists of each run.
    runs: Mutex<HashMap<JobKey, Run>>,
    /// Helpers of runs that are over, which are gone in a moment: nobody should wait for the kernel to take a mount
    /// namespace apart.
    dying: Mutex<Vec<Run>>,
}

/// What exists of one run outside the jail.
#[derive(Debug)]
struct Run {
    control: Arc<ControlSocket>,
    helper: OwnedFd,
    /// Given back when the helper is gone.
    _identity: Identity,
}

impl Namespaces {
    pub(crate) fn new() -> Self {
        Self { promised: OnceLock::new(), state: Arc::default() }
    }

    /// Says once what is promised.
    pub(crate) fn promise(&self, found: Capabilities) {
        // A second promise would be a bug of `platform`, and the first one stays true.
        let _ = self.promised.set(found);
    }

    /// Builds a jail with all walls around nothing, and takes it down again. Blocks.
    pub(crate) fn try_throwaway(&self) -> Result<()> {
        let identity = Identity::new()?;
        let plan = compile::throwaway(&identity)?;
        let run = self.state.launch(&plan, identity, &Stdio::default())?;
        let held = run.control.wait_blocking(Duration::from_secs(10), Inbox::take_held);
        self.state.let_die(run);
        held?.map_err(|report| refusal::refused(&report, &plan))
    }
}

impl Inbox {
    /// Whether the walls stand, once that is known.
    fn take_held(&mut self) -> Option<Result<(), Report>> {
        match self.held {
            Some(Report::Held) => Some(Ok(())),
            Some(refused) => Some(Err(refused)),
            None => self.closed.then_some(Err(Report::Refused { step: 0, index: 0, errno: 0 })),
        }
    }
}

impl State {
    /// Starts a helper and hands it its plan. Does not wait for the walls.
    fn launch(&self, plan: &Plan, identity: Identity, io: &Stdio) -> Result<Run> {
        let failed = |doing: &'static str| move |e: std::io::Error| Error::backend(BACKEND, doing, e);
        let bytes = plan.encode().map_err(|e| Error::backend(BACKEND, "writing the plan", e.to_string()))?;
        let (ours, theirs) = sys::socket_pair().map_err(|e| failed("making a control socket")(e.into()))?;
        let plan_fd = sys::sealed("nix-jail-plan", &bytes, false).map_err(failed("writing the plan"))?;
        let embedder = pidfd_open(getpid(), PidfdFlags::empty())
            .map_err(|e| failed("making a pidfd of this process")(e.into()))?;
        let helper = sys::spawn_helper(self.image()?, theirs).map_err(failed("starting the helper"))?;
        let run = Run { control: Arc::new(ControlSocket::new(ours)), helper, _identity: identity };
        let (stdio, mut fds) = standard(io);
        fds.splice(0..0, [plan_fd.as_fd(), embedder.as_fd()]);
        run.control.send(Request::Start { stdio }, &fds)?;
        Ok(run)
    }

    fn image(&self) -> Result<&HelperImage> {
        if let Some(image) = self.image.get() {
            return Ok(image);
        }
        let made = HelperImage::new().map_err(|e| Error::backend(BACKEND, "writing the helper to memory", e))?;
        Ok(self.image.get_or_init(|| made))
    }

    /// Ends a run: pid 1 of the jail sees the end of the stream. Where the job is over, there is nobody to see it.
    fn let_die(&self, run: Run) {
        run.control.shut();
        lock(&self.dying).push(run);
        self.sweep();
    }

    fn sweep(&self) {
        lock(&self.dying).retain(|run| !sys::reap(&run.helper));
    }

    /// Files a run under its key, unless nobody wants it any more.
    fn keep(&self, key: JobKey, run: Run, wanted: &Wanted) -> Arc<ControlSocket> {
        let control = run.control.clone();
        let mut runs = lock(&self.runs);
        if wanted.still() {
            runs.insert(key, run);
        } else {
            drop(runs);
            self.let_die(run);
        }
        control
    }
}

/// Whether a start that goes on elsewhere is still waited for.
#[derive(Clone, Debug, Default)]
struct Wanted(Arc<AtomicBool>);

impl Wanted {
    fn still(&self) -> bool {
        !self.0.load(Ordering::Acquire)
    }
}

/// Says under the lock that nobody waits any more: either the run is filed before, and cleanup finds it, or never.
struct Unwanted<'a>(&'a State, Wanted);

impl Drop for Unwanted<'_> {
    fn drop(&mut self) {
        let _runs = lock(&self.0.runs);
        self.1.0.store(true, Ordering::Release);
    }
}

fn standard(io: &Stdio) -> (u32, Vec<BorrowedFd<'_>>) {
    let all = [(&io.stdin, wire::STDIN), (&io.stdout, wire::STDOUT), (&io.stderr, wire::STDERR)];
    let there = all.iter().filter_map(|(fd, bit)| fd.as_ref().map(|fd| (fd.as_fd(), *bit)));
    (there.clone().map(|(_, bit)| bit).sum(), there.map(|(fd, _)| fd).collect())
}

#[async_trait]
impl Provider for Namespaces {
    fn name(&self) -> &'static str {
        BACKEND
    }

    fn capabilities(&self) -> Capabilities {
        self.promised.get().cloned().unwrap_or_default()
    }

    fn review(&self, _: &JobSpec, _: &mut Capabilities) {}

    async fn cleanup(&self, key: &JobKey) -> Result<()> {
        let run = lock(&self.state.runs).remove(key);
        if let Some(run) = run {
            self.state.let_die(run);
        }
        Ok(())
    }

    async fn settle(&self) -> Result<()> {
        self.state.sweep();
        let dying = std::mem::take(&mut *lock(&self.state.dying));
        // Put back if this future is dropped half-way.
        let mut left = Left { state: &self.state, runs: dying };
        while let Some(run) = left.runs.last() {
            let failed = |e| Error::backend(BACKEND, "waiting for a helper", e);
            let ended = sys::watch(run.helper.try_clone().map_err(failed)?).map_err(failed)?;
            while !sys::reap(&run.helper) {
                ended.readable().await.map_err(failed)?.clear_ready();
            }
            left.runs.pop();
        }
        Ok(())
    }

    async fn orphans(&self) -> Result<Vec<JobKey>> {
        // Nothing of a job outlives its embedder, and nothing is on disk but lock files that a crash frees.
        Ok(Vec::new())
    }
}

struct Left<'a> {
    state: &'a State,
    runs: Vec<Run>,
}

impl Drop for Left<'_> {
    fn drop(&mut self) {
        lock(&self.state.dying).append(&mut self.runs);
    }
}

#[async_trait]
impl IsolationProvider for Namespaces {
    async fn spawn(
        &self,
        job: &AdmittedJob,
        workspace: &Workspace,
        network: &NetworkConfig,
        io: Stdio,
    ) -> Result<Process> {
        self.state.sweep();
        let identity = Identity::new()?;
        let plan = compile::plan(job.spec(), workspace, network, &identity)?;
        let wanted = Wanted::default();
        let _unwanted = Unwanted(&self.state, wanted.clone());
        let (state, key) = (self.state.clone(), job.key().clone());
        let launch = move || state.launch(&plan, identity, &io).map(|run| (state.keep(key, run, &wanted), plan));
        let (control, plan) = off_thread(launch).await??;
        let jailed = Jailed::new(control.clone(), &job.spec().program, &workspace.working_dir);
        control.wait_for(Inbox::take_held).await?.map_err(|report| refusal::refused(&report, &plan))?;
        Ok(Arc::new(jailed))
    }
}

impl Drop for State {
    /// No zombie is left to an embedder that goes on without this provider. Everything here is dead or about to be.
    fn drop(&mut self) {
        let mut runs: Vec<Run> = std::mem::take(&mut *lock(&self.dying));
        runs.extend(std::mem::take(&mut *lock(&self.runs)).into_values());
        for run in &runs {
            run.control.shut();
        }
        for run in &runs {
            sys::reap_within(&run.helper, Duration::from_millis(200));
        }
    }
}

fn lock<T>(what: &Mutex<T>) -> MutexGuard<'_, T> {
    what.lock().unwrap_or_else(PoisonError::into_inner)
}
