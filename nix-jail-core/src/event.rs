//! What happened to jobs, as facts.

use std::fmt;
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;

use serde::Serialize;
use tokio::sync::broadcast;

use crate::{Exit, Feature, JobKey};

/// Facts that are kept for a subscriber that does not read.
const BACKLOG: usize = 1024;

/// Something that happened to a job.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct JobEvent {
    /// Which run.
    pub job: JobKey,
    /// When.
    pub at: SystemTime,
    /// What.
    pub fact: Fact,
}

/// What happened.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Fact {
    /// The spec was accepted.
    Admitted,
    /// A promise is kept in part only, as the spec allows.
    Degraded {
        /// The promise.
        feature: Feature,
        /// What is missing.
        why: String,
    },
    /// The program was executed.
    Started,
    /// The program could not be started.
    StartFailed {
        /// Why.
        why: String,
    },
    /// The job is over and every process of it dead.
    Exited(Exit),
    /// Something could not be taken back.
    Leaked {
        /// What.
        what: String,
    },
}

pub(crate) type Sink = Arc<dyn Fn(&JobEvent) + Send + Sync>;

/// Where facts go: to one synchronous sink (the audit), and to any number of subscribers.
#[derive(Clone)]
pub(crate) struct EventBus {
    sink: Option<Sink>,
    /// Made for the first subscriber: most jails have none, and the backlog is memory to be touched.
    subscribers: Arc<OnceLock<broadcast::Sender<JobEvent>>>,
}

impl EventBus {
    pub(crate) fn new(sink: Option<Sink>) -> Self {
        Self { sink, subscribers: Arc::default() }
    }

    pub(crate) fn emit(&self, job: &JobKey, fact: Fact) {
        let subscribers = self.subscribers.get().filter(|s| s.receiver_count() > 0);
        if self.sink.is_none() && subscribers.is_none() {
            return;
        }
        let event = JobEvent { job: job.clone(), at: SystemTime::now(), fact };
        if let Some(sink) = &self.sink {
            sink(&event);
        }
        if let Some(subscribers) = subscribers {
            // An error means that the last one has just gone.
            let _ = subscribers.send(event);
        }
    }

    pub(crate) fn subscribe(&self) -> EventStream {
        EventStream(self.subscribers.get_or_init(|| broadcast::Sender::new(BACKLOG)).subscribe())
    }
}

impl fmt::Debug for EventBus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let subscribers = self.subscribers.get().map_or(0, broadcast::Sender::receiver_count);
        f.debug_struct("EventBus").field("subscribers", &subscribers).finish_non_exhaustive()
    }
}

/// A subscriber's view of the facts, from the moment of its subscription.
#[derive(Debug)]
pub struct EventStream(broadcast::Receiver<JobEvent>);

/// This many facts were dropped, since the subscriber did not read them in time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0} events were lost to a subscriber that lags")]
pub struct Lagged(pub u64);

impl EventStream {
    /// The next fact; `None` once the jail is gone.
    ///
    /// # Errors
    /// [`Lagged`] with the number of facts that were dropped; the next call goes on behind them.
    pub async fn next(&mut self) -> Option<Result<JobEvent, Lagged>> {
        match self.0.recv().await {
            Ok(event) => Some(Ok(event)),
            Err(broadcast::error::RecvError::Lagged(n)) => Some(Err(Lagged(n))),
            Err(broadcast::error::RecvError::Closed) => None,
        }
    }

    /// The next fact, if there is one already.
    pub fn try_next(&mut self) -> Option<Result<JobEvent, Lagged>> {
        match self.0.try_recv() {
            Ok(event) => Some(Ok(event)),
            Err(broadcast::error::TryRecvError::Lagged(n)) => Some(Err(Lagged(n))),
            Err(_) => None,
        }
    }
}
