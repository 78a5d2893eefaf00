//! The way back: what was armed is undone, newest first, whatever happens to the future, the runtime or the thread that
//! armed it.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::admit::Lease;
use crate::event::EventBus;
use crate::{Error, Fact, JobKey, Provider, Result};

/// How often and for how long a clean-up is tried before what it leaves is called leaked.
const TRIES: u32 = 3;
const TRY_FOR: Duration = Duration::from_secs(10);

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
        Self { steps: Vec::with_capacity(3), lease, reaper, owner: std::process::id() }
    }

    /// Before a step: whatever the step does from here on, `provider` is asked to take it back.
    pub(crate) fn arm(&mut self, provider: Arc<dyn Provider>) {
        self.steps.push(provider);
    }

    /// Undoes everything. A step is forgotten only once it is undone, so that a caller that stops waiting loses nothing.
    pub(crate) async fn finish(mut self) -> Result<()> {
        while let Some(provider) = self.steps.last() {
            provider.clone().cleanup(&self.lease.key).await?;
            self.steps.pop();
        }
        Ok(())
    }
}

impl Drop for Teardown {
    fn drop(&mut self) {
        if !self.steps.is_empty() && self.owner == std::process::id() {
            let steps = std::mem::take(&mut self.steps);
            self.reaper.clone().enqueue(Unfinished { steps, lease: self.lease.clone() });
        }
    }
}

struct Unfinished {
    steps: Vec<Arc<dyn Provider>>,
    lease: Arc<Lease>,
}

/// Finishes what others could not, on a thread and a runtime of its own that exist only while there is something to do.
#[derive(Debug)]
pub(crate) struct Reaper {
    state: Mutex<State>,
    events: EventBus,
}

#[derive(Default)]
struct State {
    queue: VecDeque<Unfinished>,
    running: bool,
    leaked: Vec<String>,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("queued", &self.queue.len()).field("leaked", &self.leaked).finish_non_exhaustive()
    }
}

impl Reaper {
    pub(crate) fn new(events: EventBus) -> Self {
        Self { state: Mutex::default(), events }
    }

    /// What could not be cleaned up.
    pub(crate) fn leaked(&self) -> Vec<String> {
        self.state().leaked.clone()
    }

    fn enqueue(self: Arc<Self>, work: Unfinished) {
        let mut state = self.state();
        state.queue.push_back(work);
        if state.running {
            return;
        }
        state.running = true;
        drop(state);
        let this = self.clone();
        let started = thread::Builder::new().name("nix-jail-reaper".into()).spawn(move || this.run());
        if started.is_err() {
            // No thread can be had: the work stays queued, and is named as leaked by close().
            self.state().running = false;
        }
    }

    fn run(&self) {
        let runtime = match tokio::runtime::Builder::new_current_thread().enable_all().build() {
            Ok(runtime) => runtime,
            Err(_) => return self.state().running = false,
        };
        while let Some(work) = self.next() {
            if let Err(what) = runtime.block_on(undo(&work)) {
                self.events.emit(&work.lease.key, Fact::Leaked { what: what.clone() });
                self.state().leaked.push(what);
            }
        }
    }

    fn next(&self) -> Option<Unfinished> {
        let mut state = self.state();
        let next = state.queue.pop_front();
        state.running = next.is_some();
        next
    }

    fn state(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Undoes all steps, each of them even where another fails, and says what is left.
async fn undo(work: &Unfinished) -> Result<(), String> {
    let mut left = Vec::new();
    for provider in work.steps.iter().rev() {
        if let Err(e) = persist(provider.as_ref(), &work.lease.key).await {
            left.push(format!("{} of {}: {e}", provider.name(), work.lease.key));
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
