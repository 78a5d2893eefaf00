//! A job is refused in one place, before anything exists.

use std::time::Duration;

use nix_jail_core::fake::{Fake, Part};
use nix_jail_core::{Capabilities, Error, Feature, Finding, Jail, JobSpec, Stdio, Support};

use crate::support::named;

fn all() -> Capabilities {
    Feature::ALL.iter().fold(Capabilities::none(), |all, f| all.enforced(*f, "test"))
}

/// Admits a job with a CPU time limit, and says which feature it was refused for.
fn refused_for(jail: &Jail, change: impl FnOnce(&mut JobSpec)) -> Option<(Feature, Support)> {
    let mut spec = JobSpec::new("true");
    spec.limits.cpu_time = Some(Duration::from_secs(1));
    change(&mut spec);
    match jail.admit(spec) {
        Ok(_) => None,
        Err(Error::Unsupported { feature, support, .. }) => Some((feature, support)),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn a_refused_job_creates_nothing() {
    let nothing = Fake::promising(Capabilities::none());
    let jail = nothing.jail();
    assert!(matches!(jail.start(JobSpec::new("true"), Stdio::default()).await, Err(Error::Unsupported { .. })));
    assert!(matches!(jail.start(JobSpec::new(""), Stdio::default()).await, Err(Error::InvalidSpec { .. })));
    assert!(matches!(jail.command("true").output().await, Err(Error::Unsupported { .. })));
    assert_eq!(nothing.journal(), []);
    // Nor does a refusal keep the name.
    for _ in 0..2 {
        assert!(matches!(jail.admit(named("a")), Err(Error::Unsupported { .. })));
    }
}

#[test]
fn a_refusal_says_why_and_what_would_help() {
    let weak = all().best_effort(Feature::CpuTime, "only watched", Some("delegate a cgroup".into()));
    let jail = Fake::promising(weak).jail();
    let mut spec = JobSpec::new("true");
    spec.limits.cpu_time = Some(Duration::from_secs(1));
    let refusal = jail.admit(spec).expect_err("a refusal");
    assert_eq!(refusal.fix(), Some("delegate a cgroup"));
    assert_eq!(refusal.to_string(), "cpu-time cannot be enforced here (only watched)");
}

#[test]
fn what_is_required_is_refused_unless_it_may_degrade() {
    for (support, weak) in [
        (Support::BestEffort, all().best_effort(Feature::CpuTime, "watched", None)),
        (Support::Unsupported, all().unsupported(Feature::CpuTime, "no clock", None)),
    ] {
        let jail = Fake::promising(weak).jail();
        assert_eq!(refused_for(&jail, |_| {}), Some((Feature::CpuTime, support)));
        assert_eq!(refused_for(&jail, |s| s.limits.cpu_time = None), None, "not asked for");

        let mut spec = JobSpec::new("true");
        spec.limits.cpu_time = Some(Duration::from_secs(1));
        // Naming another feature does not help.
        spec.may_degrade.insert(Feature::Memory);
        assert!(jail.admit(spec.clone()).is_err());
        spec.may_degrade.insert(Feature::CpuTime);
        let job = jail.admit(spec).expect("degraded");
        let degraded: Vec<_> = job.degraded().iter().map(|d| (d.feature, d.finding.support)).collect();
        assert_eq!(degraded, [(Feature::CpuTime, support)]);
    }
}

#[test]
fn what_is_wanted_is_reported_and_not_refused() {
    let jail = Fake::promising(all().unsupported(Feature::Landlock, "an old kernel", None)).jail();
    let job = jail.admit(JobSpec::new("true")).expect("admitted");
    assert_eq!(job.degraded()[0].feature, Feature::Landlock);
    assert_eq!(job.degraded()[0].finding.how, "an old kernel");
}

#[test]
fn every_wall_is_required() {
    for feature in [
        Feature::HideHostFiles,
        Feature::PrivateProcesses,
        Feature::NoNewPrivileges,
        Feature::SyscallFilter,
        Feature::KillAll,
        Feature::NoNetwork,
    ] {
        let jail = Fake::promising(all().best_effort(feature, "half", None)).jail();
        assert_eq!(refused_for(&jail, |_| {}), Some((feature, Support::BestEffort)));
    }
}

#[test]
fn the_weakest_of_those_that_state_a_feature_decides() {
    for weaker in [Part::Filesystem, Part::Network, Part::Isolation] {
        let fake = Fake::promising(all());
        for part in [Part::Filesystem, Part::Network, Part::Isolation] {
            let support = if part == weaker { Support::BestEffort } else { Support::Enforced };
            let cpu_time = Finding { support, how: format!("{part:?}").into(), fix: None };
            let base = if part == Part::Isolation { all() } else { Capabilities::none() };
            fake.promise(part, base.with(Feature::CpuTime, cpu_time));
        }
        let jail = fake.jail();
        assert_eq!(jail.capabilities().get(Feature::CpuTime).expect("stated").how, format!("{weaker:?}"));
        assert_eq!(refused_for(&jail, |_| {}), Some((Feature::CpuTime, Support::BestEffort)));
    }
}

#[test]
fn a_review_lowers_for_one_spec() {
    let fake = Fake::new();
    fake.review(Part::Filesystem, |spec, found| {
        if spec.limits.cpu_time > Some(Duration::from_secs(10)) {
            found.lower(Feature::CpuTime, Finding { support: Support::BestEffort, how: "long".into(), fix: None });
        }
    });
    let jail = fake.jail();
    assert_eq!(refused_for(&jail, |_| {}), None);
    let long = |s: &mut JobSpec| s.limits.cpu_time = Some(Duration::from_secs(11));
    assert_eq!(refused_for(&jail, long), Some((Feature::CpuTime, Support::BestEffort)));
    assert_eq!(jail.capabilities().support(Feature::CpuTime), Support::Enforced, "the machine's own promise stays");
}

#[test]
fn a_review_cannot_raise() {
    let raise = |_: &JobSpec, found: &mut Capabilities| *found = all();
    // Neither what is weaker..
    let fake = Fake::promising(all().best_effort(Feature::CpuTime, "watched", None));
    fake.review(Part::Network, raise);
    assert_eq!(refused_for(&fake.jail(), |_| {}), Some((Feature::CpuTime, Support::BestEffort)));
    // .. nor what nobody states ..
    let stated = Feature::ALL.iter().filter(|f| **f != Feature::CpuTime);
    let fake = Fake::promising(stated.fold(Capabilities::none(), |all, f| all.enforced(*f, "test")));
    fake.review(Part::Network, raise);
    assert_eq!(refused_for(&fake.jail(), |_| {}), Some((Feature::CpuTime, Support::Unsupported)));
    // .. nor what an earlier review has lowered.
    let fake = Fake::new();
    fake.review(Part::Filesystem, |_, found| found.lower(Feature::CpuTime, Finding::default()));
    fake.review(Part::Isolation, raise);
    assert_eq!(refused_for(&fake.jail(), |_| {}), Some((Feature::CpuTime, Support::Unsupported)));
}

#[test]
fn a_review_that_forgets_everything_denies_everything() {
    let fake = Fake::new();
    fake.review(Part::Network, |_, found| *found = Capabilities::none());
    assert!(refused_for(&fake.jail(), |_| {}).is_some());
}

#[test]
fn a_name_is_taken_while_its_job_is_admitted() {
    let jail = Fake::new().jail();
    let first = jail.admit(named("a")).expect("the first");
    let busy = jail.admit(named("a")).expect_err("a live name");
    assert!(matches!(&busy, Error::Busy { id } if id.as_str() == "a"), "{busy}");
    assert!(jail.clone().admit(named("a")).is_err(), "clones share the names");
    let other = jail.admit(named("b")).expect("another name");
    drop(first);
    let again = jail.admit(named("a")).expect("free again");
    assert_ne!(again.key(), other.key());
}
