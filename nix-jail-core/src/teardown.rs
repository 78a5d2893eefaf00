//! The way back: what was armed is undone, newest first, whatever happens to the future, the runtime or the thread that
//! armed it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use std::{io, process, thread};

use crate::admit::Lease;
use crate::event::EventBus;
use crate::{Error, Fact, JobKey, Provider, Result};

/// How often and for how long a clean-up is tried before what it leaves is called leaked.
const TRIES: u32 = 3;
const TRY_FOR: Duration = if cfg!(test) { Duration::from_millis(100) } else { Duration::from_secs(10) };

/// The steps that one run has taken. Dropped with steps in it, it goes to the [`Reaper`].
#[derive(Debug)]
pub(crate) struct Teardown {
    steps: Vec<Arc<dyn Provider>>,
    lease: Arc<Lease>,
    reaper: Arc<Reaper>,
    /// A fork of the embedder has a copy of this value, but none of the things it speaks of.
    owner: u32,
}

impl Teardown {
    pub(crate) fn new(lease: Arc<Lease>, reaper: Arc<Reaper>) -> Self {
        Self { steps: Vec::with_capacity(3), lease, reaper, owner: process::id() }
    }

    /// Before a step: whatever the step does from here on, `provider` is asked to take it back.
    pub(crate) fn arm(&mut self, provider: Arc<dyn Provider>) {
        self.steps.push(provider);
    }

    /// Undoes everything, and frees the job's name. A step is forgotten only once it is undone: a caller that stops
    /// waiting loses nothing, and may go on later.
    pub(crate) async fn finish(&mut self) -> Result<()> {
        while let Some(provider) = self.steps.last() {
            provider.cleanup(&self.lease.key).await?;
            self.steps.pop();
        }
        self.lease.release();
        Ok(())
    }
}

impl Drop for Teardown {
    fn drop(&mut self) {
        if !self.steps.is_empty() && self.owner == process::id() {
            let steps = std::mem::take(&mut self.steps);
            self.reaper.enqueue(Unfinished { steps, lease: self.lease.clone(), owner: self.owner });
        }
    }
}

struct Unfinished {
    steps: Vec<Arc<dyn Provider>>,
    lease: Arc<Lease>,
    owner: u32,
}

/// Finishes what others could not, on a thread and a runtime of its own that exist only while there is something to do.
#[derive(Debug)]
pub(crate) struct Reaper {
    state: Mutex<State>,
    events: EventBus,
    /// Where a thread comes from.
    spawn: fn(Work) -> io::Result<()>,
}

type Work = Box<dyn FnOnce() + Send>;

#[derive(Default)]
struct State {
    queue: VecDeque<Unfinished>,
    /// The process whose thread works on the queue: in a fork of it there is no such thread.
    running_in: Option<u32>,
    leaked: Vec<String>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("queued", &self.queue.len()).field("leaked", &self.leaked).finish_non_exhaustive()
    }
}

impl Reaper {
    pub(crate) fn new(events: EventBus) -> Self {
        let spawn = |work: Work| thread::Builder::new().name("nix-jail-reaper".into()).spawn(work).map(drop);
        Self { state: Mutex::default(), events, spawn }
    }

    /// What could not be cleaned up.
    pub(crate) fn leaked(&self) -> Vec<String> {
        self.state().leaked.clone()
    }

    fn enqueue(self: &Arc<Self>, work: Unfinished) {
        self.state().queue.push_back(work);
        self.wake();
    }

    /// Starts the thread if there is something to do and none is at it. Where no thread can be had, the work stays
    /// queued, its job's name stays taken, and the next to come here tries again.
    pub(crate) fn wake(self: &Arc<Self>) {
        let here = Some(process::id());
        let mut state = self.state();
        if state.queue.is_empty() || state.running_in == here {
            return;
        }
        state.running_in = here;
        drop(state);
        let this = self.clone();
        if (self.spawn)(Box::new(move || this.run())).is_err() {
            self.state().running_in = None;
        }
    }

    fn run(&self) {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(_) => return self.state().running_in = None,
        };
        while let Some(work) = self.next() {
            // As a task, so that a provider that panics does not take this thread with it.
            let undone = runtime.block_on(runtime.spawn(undo(work.steps, work.lease.key.clone())));
            if let Err(what) = undone.unwrap_or_else(|e| Err(format!("clean-up of {}: {e}", work.lease.key))) {
                self.events.emit(&work.lease.key, Fact::Leaked { what: what.clone() });
                self.state().leaked.push(what);
            }
            work.lease.release();
        }
    }

    fn next(&self) -> Option<Unfinished> {
        let mut state = self.state();
        while let Some(work) = state.queue.pop_front() {
            // A fork finds what its parent had queued: not its own.
            if work.owner == process::id() {
                return Some(work);
            }
        }
        state.running_in = None;
        None
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Undoes all steps, each of them even where another fails, and says what is left.
async fn undo(steps: Vec<Arc<dyn Provider>>, run: JobKey) -> Result<(), String> {
    let mut left = Vec::new();
    for provider in steps.iter().rev() {
        if let Err(e) = persist(provider.as_ref(), &run).await {
            left.push(format!("{} of {run}: {e}", provider.name()));
        }
    }
    if left.is_empty() { Ok(()) } else { Err(left.join("; ")) }
}

async fn persist(provider: &dyn Provider, key: &JobKey) -> Result<()> {
    let mut tried = 0;
    loop {
        let doing = || format!("cleaning up {key}");
        let late = |_| Error::Timeout { doing: doing(), after: TRY_FOR };
        let outcome = tokio::time::timeout(TRY_FOR, provider.cleanup(key)).await.map_err(late).flatten();
        tried += 1;
        if outcome.is_ok() || tried == TRIES {
            return outcome;
        }
        tokio::time::sleep(Duration::from_millis(50 << tried)).await;
    }
}

#[cfg(all(test, feature = "fake"))]
mod tests {
    use super::*;
    use crate::fake::{Fake, Part, Step};
    use crate::{Jail, JobSpec};

    const LONG: Duration = Duration::from_secs(20);

    /// A run with its filesystem armed, and the reaper that it would go to.
    fn armed(fake: &Fake, reaper: &Arc<Reaper>) -> (Jail, Teardown) {
        let jail = fake.jail();
        let job = jail.admit(JobSpec::new("x")).expect("admitted");
        let mut teardown = Teardown::new(job.lease(), reaper.clone());
        teardown.arm(fake.platform().filesystem);
        (jail, teardown)
    }

    fn reaper() -> Reaper {
        Reaper::new(EventBus::new(None))
    }

    #[test]
    fn a_fork_takes_nothing_back() {
        let (fake, reaper) = (Fake::new(), Arc::new(reaper()));
        let (_jail, mut teardown) = armed(&fake, &reaper);
        // What a fork sees: its own process id is another one.
        teardown.owner = 0;
        drop(teardown);
        assert!(reaper.state().queue.is_empty() && fake.journal().is_empty());
    }

    #[tokio::test]
    async fn a_fork_leaves_its_parents_queue_alone_and_has_a_thread_of_its_own() {
        let (fake, reaper) = (Fake::new(), Arc::new(reaper()));
        let (_theirs, teardown) = armed(&fake, &reaper);
        let parents = Unfinished { steps: teardown.steps.clone(), lease: teardown.lease.clone(), owner: 0 };
        reaper.state().running_in = Some(0);
        reaper.state().queue.push_back(parents);
        let (jail, own) = armed(&fake, &reaper);
        let key = own.lease.key.clone();
        drop(own);
        jail.close(LONG).await.unwrap();
        assert_eq!(fake.journal_of(&key), [Step::Cleanup(Part::Filesystem)]);
        assert_eq!(fake.journal_of(&teardown.lease.key), []);
    }

    #[tokio::test]
    async fn work_for_which_no_thread_can_be_had_is_kept() {
        let fake = Fake::new();
        let reaper = Arc::new(Reaper { spawn: |_| Err(io::ErrorKind::WouldBlock.into()), ..reaper() });
        let (jail, teardown) = armed(&fake, &reaper);
        drop(teardown);
        jail.close(Duration::from_millis(20)).await.expect_err("the job is still there");
        let state = reaper.state();
        assert_eq!((state.queue.len(), state.running_in), (1, None));
        drop(state);
        assert!(fake.journal().is_empty());
    }

    #[tokio::test]
    async fn a_clean_up_that_hangs_is_given_up() {
        let (fake, reaper) = (Fake::new(), Arc::new(reaper()));
        let (jail, teardown) = armed(&fake, &reaper);
        fake.hang(Step::Cleanup(Part::Filesystem));
        drop(teardown);
        jail.close(LONG).await.unwrap();
        let leaked = reaper.leaked();
        assert!(leaked.len() == 1 && leaked[0].contains("took longer than"), "{leaked:?}");
        assert_eq!(fake.journal().iter().filter(|s| matches!(s, Step::Cleanup(_))).count(), TRIES as usize);
    }
}
