//! The one place where a job is refused: before anything is created.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::sync::{Arc, Mutex, PoisonError};

use tokio::sync::Notify;

use crate::event::EventBus;
use crate::validate::validate;
use crate::{Access, Result, Root, Support, WorkspaceSpec};
use crate::{Capabilities, Error, Fact, Feature, Finding, JobId, JobKey, JobSpec, Limits, NetworkPolicy, Platform};

/// A spec that this machine can keep all promises of, and the run that was minted for it.
#[derive(Debug)]
pub struct AdmittedJob {
    spec: JobSpec,
    lease: Arc<Lease>,
    degraded: Vec<Degraded>,
    events: EventBus,
}

/// A promise that is kept in part only for a job, as its spec allows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Degraded {
    /// The promise.
    pub feature: Feature,
    /// How well it is kept.
    pub finding: Finding,
}

impl AdmittedJob {
    /// What is to be run.
    pub fn spec(&self) -> &JobSpec {
        &self.spec
    }

    /// Which run this is.
    pub fn key(&self) -> &JobKey {
        &self.lease.key
    }

    /// What the spec allows to be weaker and is.
    pub fn degraded(&self) -> &[Degraded] {
        &self.degraded
    }

    /// Reports a fact about this run.
    pub fn emit(&self, fact: Fact) {
        self.events.emit(self.key(), fact);
    }

    pub(crate) fn lease(&self) -> Arc<Lease> {
        self.lease.clone()
    }
}

/// How much a job relies on a feature.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Need {
    /// Refused without it, unless the spec allows otherwise.
    Required,
    /// A wall behind a wall: reported where it is missing.
    Wanted,
}

/// Compares what a spec needs with what the platform promises.
pub(crate) fn admit(
    spec: JobSpec,
    platform: &Platform,
    promised: &Capabilities,
    live: &Arc<Live>,
    events: &EventBus,
) -> Result<AdmittedJob> {
    validate(&spec)?;
    let found = review(&spec, platform, promised);
    let mut degraded = Vec::new();
    for (feature, need) in needs(&spec) {
        let finding = found.get(feature).cloned().unwrap_or_default();
        if finding.support == Support::Enforced {
            continue;
        }
        if need == Need::Required && !spec.may_degrade.contains(&feature) {
            return Err(refusal(feature, finding));
        }
        degraded.push(Degraded { feature, finding });
    }
    let lease = live.lease(JobKey::mint(spec.id.clone()))?;
    let job = AdmittedJob { spec, lease, degraded, events: events.clone() };
    job.emit(Fact::Admitted);
    for d in &job.degraded {
        job.emit(Fact::Degraded { feature: d.feature, why: d.finding.how.clone().into_owned() });
    }
    Ok(job)
}

/// What is promised for this spec. A review may only lower: what it raised, or stated anew, is put back.
fn review(spec: &JobSpec, platform: &Platform, promised: &Capabilities) -> Capabilities {
    let (mut found, mut lowered) = (promised.clone(), None);
    for provider in platform.providers() {
        provider.review(spec, &mut found);
        let before = lowered.as_ref().unwrap_or(promised);
        if found != *before {
            found = found.capped(before);
            lowered = Some(found.clone());
        }
    }
    found
}

fn refusal(feature: Feature, finding: Finding) -> Error {
    let how =
        if finding.how.is_empty() { "no provider of this platform states it".into() } else { finding.how.into_owned() };
    Error::Unsupported { feature, support: finding.support, how, fix: finding.fix.map(Into::into) }
}

/// What a spec relies on. Every field is named, so that a new one does not compile until somebody has thought of it.
fn needs(spec: &JobSpec) -> Vec<(Feature, Need)> {
    let JobSpec {
        id: _,
        root,
        program: _,
        args: _,
        env: _,
        working_dir: _,
        workspace,
        mounts: _,
        network,
        limits,
        profile: _,
        may_degrade: _,
    } = spec;
    let mut needs = vec![
        (Feature::PrivateProcesses, Need::Required),
        (Feature::NoNewPrivileges, Need::Required),
        (Feature::SyscallFilter, Need::Required),
        (Feature::KillAll, Need::Required),
        (Feature::Landlock, Need::Wanted),
    ];
    match root {
        Root::Host | Root::Dir(_) => needs.push((Feature::HideHostFiles, Need::Required)),
    }
    match network {
        NetworkPolicy::None => needs.push((Feature::NoNetwork, Need::Required)),
    }
    if matches!(workspace, WorkspaceSpec::Dir { access: Access::ReadWrite, .. }) {
        needs.push((Feature::ProtectedPaths, Need::Wanted));
    }
    needs.extend(limit_needs(limits));
    needs
}

fn limit_needs(limits: &Limits) -> impl Iterator<Item = (Feature, Need)> {
    let Limits { wall_clock, cpu_time, cpu_rate, memory, tasks, disk, output, file_size, open_files } = limits;
    [
        (Feature::WallClock, wall_clock.is_some()),
        (Feature::CpuTime, cpu_time.is_some()),
        (Feature::CpuRate, cpu_rate.is_some()),
        (Feature::Memory, memory.is_some()),
        (Feature::Tasks, tasks.is_some()),
        (Feature::Disk, disk.is_some()),
        (Feature::Output, output.is_some()),
        (Feature::FileSize, file_size.is_some()),
        (Feature::OpenFiles, open_files.is_some()),
    ]
    .into_iter()
    .filter_map(|(feature, asked)| asked.then_some((feature, Need::Required)))
}

/// The ids of the jobs that are alive.
#[derive(Debug, Default)]
pub(crate) struct Live {
    /// Each with its run.
    ids: Mutex<HashMap<JobId, u64>>,
    changed: Notify,
}

/// An id, taken for as long as anything of its run may exist.
#[derive(Debug)]
pub(crate) struct Lease {
    pub(crate) key: JobKey,
    live: Arc<Live>,
}

impl Lease {
    /// Nothing of the run exists any more, though somebody may still hold on to what is known of it.
    pub(crate) fn release(&self) {
        let mut ids = self.live.ids();
        // By now the name may belong to another run.
        if ids.get(&self.key.id) == Some(&self.key.run) {
            ids.remove(&self.key.id);
            drop(ids);
            self.live.changed.notify_waiters();
        }
    }
}

impl Live {
    fn lease(self: &Arc<Self>, key: JobKey) -> Result<Arc<Lease>> {
        match self.ids().entry(key.id.clone()) {
            Entry::Occupied(taken) => Err(Error::Busy { id: taken.key().clone() }),
            Entry::Vacant(free) => {
                free.insert(key.run);
                Ok(Arc::new(Lease { key, live: self.clone() }))
            }
        }
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.ids().keys().map(|id| format!("job {id}")).collect()
    }

    /// Waits until no job is alive.
    pub(crate) async fn none_left(&self) {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            changed.as_mut().enable();
            if self.ids().is_empty() {
                return;
            }
            changed.await;
        }
    }

    fn ids(&self) -> std::sync::MutexGuard<'_, HashMap<JobId, u64>> {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.release();
    }
}
