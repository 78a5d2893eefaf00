//! The end of a job, for everybody who asks.

use std::sync::Arc;

use nix_jail_core::fake::{Fake, Program, Step};
use nix_jail_core::{Exit, JobSpec, Reason, Stdio, Usage};

use crate::support::{DOWN, LONG, named, running};

fn code(code: i32) -> Exit {
    Exit::new(Reason::Exited, Some(code), None, Usage::default())
}

#[tokio::test]
async fn every_waiter_gets_the_same_answer() {
    let (fake, jail) = running();
    let job = Arc::new(jail.start(JobSpec::new("x"), Stdio::default()).await.expect("a start"));
    let waiters: Vec<_> = (0..10)
        .map(|_| {
            let job = job.clone();
            tokio::spawn(async move { job.wait().await })
        })
        .collect();
    fake.reached(Step::Wait).await;
    fake.end(job.key(), code(7));
    for waiter in waiters {
        assert_eq!(waiter.await.expect("no panic").expect("an exit"), code(7));
    }
    assert_eq!(job.wait().await.expect("once more"), code(7));
    let cleanups = fake.journal().into_iter().filter(|step| DOWN.contains(step)).count();
    assert_eq!(cleanups, 3, "each once, whoever waits");
}

#[tokio::test]
async fn nobody_returns_before_everything_is_taken_back() {
    let fake = Fake::new();
    let job = fake.jail().start(JobSpec::new("x"), Stdio::default()).await.expect("a start");
    fake.hang(DOWN[0]);
    let (left, ()) = tokio::join!(
        async {
            let (a, b) = tokio::join!(job.wait(), job.wait());
            assert_eq!(a.expect("an exit"), b.expect("an exit"));
            fake.left()
        },
        async {
            fake.reached(DOWN[0]).await;
            tokio::task::yield_now().await;
            fake.resume(DOWN[0]);
        }
    );
    assert_eq!(left, []);
}

#[tokio::test]
async fn a_job_that_is_over_no_longer_holds_its_name() {
    let fake = Fake::new();
    let jail = fake.jail();
    let first = jail.start(named("a"), Stdio::default()).await.expect("a start");
    assert!(jail.start(named("a"), Stdio::default()).await.is_err());
    first.wait().await.expect("an end");
    let second = jail.start(named("a"), Stdio::default()).await.expect("the name is free, the value still here");
    // What is left of the first must not free the second's name.
    drop(first);
    assert!(jail.admit(named("a")).is_err());
    drop(second);
    jail.close(LONG).await.expect("all is taken back");
}

#[tokio::test]
async fn one_task_waits_while_another_kills() {
    let (_, jail) = running();
    let job = jail.start(JobSpec::new("x"), Stdio::default()).await.expect("a start");
    let (exit, killed) = tokio::join!(job.wait(), job.kill());
    killed.expect("a kill");
    assert_eq!(exit.expect("an exit").reason, Reason::Cancelled);
    job.kill().await.expect("killing what is over is no error");

    let job = jail.start(JobSpec::new("x"), Stdio::default()).await.expect("a start");
    job.signal(15).await.expect("a signal");
    assert_eq!(job.wait().await.expect("an exit").signal, Some(15));
}

#[tokio::test]
async fn a_wait_that_fails_loses_nothing() {
    let fake = Fake::new();
    fake.program(|_| Program::exits(3));
    let jail = fake.jail();
    let job = jail.start(JobSpec::new("x"), Stdio::default()).await.expect("a start");
    fake.fail(Step::Wait, 1);
    job.wait().await.expect_err("as scripted");
    assert_eq!(job.wait().await.expect("an exit").code, Some(3));
    assert_eq!(fake.left(), []);
}
