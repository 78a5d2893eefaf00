//! What the fake providers share: what is to go wrong, and what has happened.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::watch;

use super::Program;
use crate::{Capabilities, Error, Exit, JobKey, JobSpec, Result};

/// One of the three providers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// [`FilesystemProvider`](crate::FilesystemProvider).
    Filesystem,
    /// [`NetworkProvider`](crate::NetworkProvider).
    Network,
    /// [`IsolationProvider`](crate::IsolationProvider).
    Isolation,
}

/// A call that a provider or a process gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Step {
    /// `prepare_workspace`.
    Prepare,
    /// `setup_network`.
    Setup,
    /// `spawn`.
    Spawn,
    /// `attach`.
    Attach,
    /// `release`.
    Release,
    /// `wait`.
    Wait,
    /// `control`.
    Control,
    /// `socket`.
    Socket,
    /// `exec`.
    Exec,
    /// `cleanup` of a provider.
    Cleanup(Part),
    /// `settle` of a provider.
    Settle(Part),
}

type Review = Arc<dyn Fn(&JobSpec, &mut Capabilities) + Send + Sync>;
type Programs = Arc<dyn Fn(&JobSpec) -> Program + Send + Sync>;

pub(super) struct Script {
    state: Mutex<State>,
    /// Says that something in the state is new. A watch works across runtimes.
    changes: watch::Sender<()>,
}

#[derive(Default)]
pub(super) struct State {
    pub(super) capabilities: BTreeMap<Part, Capabilities>,
    pub(super) reviews: BTreeMap<Part, Review>,
    pub(super) programs: Option<Programs>,
    pub(super) failures: BTreeMap<Step, u32>,
    pub(super) panics: BTreeMap<Step, u32>,
    pub(super) hanging: BTreeSet<Step>,
    pub(super) journal: Vec<(Step, Option<JobKey>)>,
    pub(super) made: BTreeSet<(Part, JobKey)>,
    pub(super) exits: BTreeMap<JobKey, watch::Sender<Option<Exit>>>,
}

impl Default for Script {
    fn default() -> Self {
        Self { state: Mutex::default(), changes: watch::Sender::new(()) }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Script").field("journal", &self.state().journal).finish_non_exhaustive()
    }
}

impl Script {
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn changed(&self) {
        self.changes.send_replace(());
    }

    /// Waits until something is true.
    pub(super) async fn until(&self, is_true: impl Fn(&State) -> bool) {
        let mut changes = self.changes.subscribe();
        while !is_true(&self.state()) {
            // Cannot end: the sender is ours.
            let _ = changes.changed().await;
        }
    }

    /// Notes the call, hangs if that is asked for, and fails if that is.
    pub(super) async fn enter(&self, step: Step, run: Option<&JobKey>) -> Result<()> {
        self.state().journal.push((step, run.cloned()));
        self.changed();
        self.until(|state| !state.hanging.contains(&step)).await;
        let mut state = self.state();
        let panics = spend(&mut state.panics, step);
        let fails = spend(&mut state.failures, step);
        drop(state);
        assert!(!panics, "{step:?} panics, as it was told to");
        match fails {
            true => Err(Error::Backend {
                backend: "fake",
                doing: format!("{step:?} fails as it was told to"),
                source: None,
            }),
            false => Ok(()),
        }
    }

    /// A provider has made something for a run.
    pub(super) fn make(&self, part: Part, run: &JobKey) {
        self.state().made.insert((part, run.clone()));
    }

    pub(super) fn end(&self, run: &JobKey, exit: Exit) {
        if let Some(sender) = self.state().exits.get(run) {
            // The first end counts.
            sender.send_if_modified(|now| now.is_none() && now.replace(exit).is_none());
        }
    }
}

fn spend(budget: &mut BTreeMap<Step, u32>, step: Step) -> bool {
    budget.get_mut(&step).filter(|left| **left > 0).map(|left| *left -= 1).is_some()
}
