//! `Jail::close`: the machine is as before, or what is not is named.

use std::time::{Duration, Instant};

use nix_jail_core::fake::{Fake, Part, Step};
use nix_jail_core::{Error, Exit, JobSpec, Reason, Stdio, Usage};

use crate::support::{LONG, named, running};

const SHORT: Duration = Duration::from_millis(50);

fn leaked(closed: nix_jail_core::Result<()>) -> Vec<String> {
    match closed {
        Err(Error::Leaked { what }) => what,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_jail_without_jobs_closes_at_once() {
    let fake = Fake::new();
    let jail = fake.jail();
    jail.close(Duration::ZERO).await.expect("nothing to wait for");
    let settled = [Part::Filesystem, Part::Network, Part::Isolation].map(Step::Settle);
    assert_eq!(fake.journal(), settled);
    jail.close(Duration::ZERO).await.expect("twice is no error");
}

#[tokio::test]
async fn closing_waits_for_jobs_that_run() {
    let (fake, jail) = running();
    let job = jail.start(named("a"), Stdio::default()).await.expect("a start");
    assert_eq!(leaked(jail.close(SHORT).await), ["job a"]);
    assert_eq!(fake.left().len(), 3, "it was waited for, not ended");
    let start = Instant::now();
    let end = async {
        tokio::time::sleep(SHORT).await;
        fake.end(job.key(), Exit::new(Reason::Exited, Some(0), None, Usage::default()));
        job.wait().await.expect("an exit");
    };
    let (closed, ()) = tokio::join!(jail.close(LONG), end);
    closed.expect("the job is over");
    assert!(start.elapsed() >= SHORT);
    // `job` is still here: it holds nothing.
    drop(job);
}

#[tokio::test]
async fn an_admitted_job_counts_as_well() {
    let jail = Fake::new().jail();
    let job = jail.admit(named("a")).expect("admitted");
    assert_eq!(leaked(jail.close(SHORT).await), ["job a"]);
    drop(job);
    jail.close(LONG).await.expect("given up");
}

#[tokio::test]
async fn a_clean_up_that_hangs_is_named_at_the_deadline() {
    let (fake, jail) = running();
    let step = Step::Cleanup(Part::Network);
    fake.hang(step);
    drop(jail.start(named("a"), Stdio::default()).await.expect("a start"));
    assert_eq!(leaked(jail.close(SHORT).await), ["job a"]);
    fake.resume(step);
    jail.close(LONG).await.expect("it got there");
}

#[tokio::test]
async fn what_does_not_settle_is_named_and_the_others_settle() {
    let fake = Fake::new();
    let jail = fake.jail();
    fake.fail(Step::Settle(Part::Filesystem), 1);
    let what = leaked(jail.close(LONG).await);
    assert!(what.len() == 1 && what[0].starts_with("fake-filesystem: "), "{what:?}");
    assert!(fake.journal().contains(&Step::Settle(Part::Isolation)));

    fake.hang(Step::Settle(Part::Network));
    assert_eq!(leaked(jail.close(SHORT).await), ["fake-network: still settling"]);
    fake.resume(Step::Settle(Part::Network));
    jail.close(LONG).await.expect("it settled");
}

#[tokio::test]
async fn many_jobs_at_once() {
    let (fake, jail) = running();
    let mut jobs = Vec::new();
    for _ in 0..64 {
        jobs.push(jail.start(JobSpec::new("x"), Stdio::default()).await.expect("a start"));
    }
    assert_eq!(fake.left().len(), 3 * 64);
    drop(jobs);
    jail.close(LONG).await.expect("all are taken back");
    assert_eq!(fake.left(), []);
}
