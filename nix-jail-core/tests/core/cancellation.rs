//! A future that is dropped, and values that outlive what they were made in.

use nix_jail_core::fake::{Fake, Step};
use nix_jail_core::{Exit, Jail, JobSpec, Reason, RunningJob, Stdio, Stream, Usage};
use tokio::runtime::{Builder, Runtime};

use crate::support::{DOWN, LONG, UP, named, running, way_back, way_up};

#[tokio::test]
async fn a_start_that_is_given_up_is_undone_from_where_it_was() {
    for step in UP {
        let fake = Fake::new();
        let jail = fake.jail();
        fake.hang(step);
        {
            let start = jail.start(named("a"), Stdio::default());
            tokio::select! {
                _ = start => panic!("{step:?} hangs"),
                () = fake.reached(step) => {}
            }
        }
        jail.close(LONG).await.expect("all is taken back");
        assert_eq!(
            fake.journal()[..way_up(step).len() + way_back(step).len()],
            [&way_up(step)[..], way_back(step)].concat()
        );
        assert_eq!(fake.left(), [], "{step:?}");
        jail.admit(named("a")).expect("a free name");
    }
}

#[tokio::test]
async fn a_failed_start_that_is_given_up_while_it_cleans_up_loses_nothing() {
    for step in DOWN {
        let fake = Fake::new();
        let jail = fake.jail();
        fake.fail(Step::Release, 1);
        fake.hang(step);
        tokio::select! {
            _ = jail.start(named("a"), Stdio::default()) => panic!("{step:?} hangs"),
            () = fake.reached(step) => {}
        }
        fake.resume(step);
        jail.close(LONG).await.expect("all is taken back");
        assert_eq!(fake.left(), [], "{step:?}");
    }
}

#[tokio::test]
async fn a_wait_that_is_given_up_can_be_waited_again() {
    for step in DOWN {
        let fake = Fake::new();
        let jail = fake.jail();
        let job = jail.start(named("a"), Stdio::default()).await.expect("a start");
        fake.hang(step);
        tokio::select! {
            _ = job.wait() => panic!("{step:?} hangs"),
            () = fake.reached(step) => {}
        }
        fake.resume(step);
        assert!(job.wait().await.expect("the exit").success());
        // By this wait, not by the reaper some time later.
        assert_eq!(fake.left(), [], "{step:?}");
    }
}

#[tokio::test]
async fn dropping_a_running_job_ends_it() {
    let (fake, jail) = running();
    let job = jail.start(named("a"), Stdio::default()).await.expect("a start");
    let process = job.process().clone();
    assert!(jail.admit(named("a")).is_err());
    drop(job);
    jail.close(LONG).await.expect("all is taken back");
    assert_eq!(fake.journal()[UP.len()..UP.len() + 3], DOWN);
    assert!(!process.wait().await.expect("an end").success(), "ended, not done");
}

fn runtime() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime")
}

fn start(runtime: &Runtime, jail: &Jail) -> RunningJob {
    let mut command = jail.command("program");
    command.stdout(Stream::Piped);
    runtime.block_on(command.spawn()).expect("a start")
}

/// All is taken back by the reaper, with none of the embedder's runtimes alive.
fn closes(fake: &Fake, jail: &Jail) {
    runtime().block_on(jail.close(LONG)).expect("all is taken back");
    assert_eq!(fake.left(), []);
    for step in DOWN {
        assert!(fake.journal().contains(&step), "{step:?}");
    }
}

#[test]
fn a_jail_is_made_without_a_runtime() {
    let fake = Fake::new();
    let jail = fake.jail();
    let job = start(&runtime(), &jail);
    drop(job);
    closes(&fake, &jail);
}

#[test]
fn a_job_may_outlive_its_runtime() {
    let (fake, jail) = running();
    let runtime = runtime();
    let job = start(&runtime, &jail);
    drop(runtime);
    drop(job);
    closes(&fake, &jail);
}

#[test]
fn a_runtime_that_is_dropped_in_the_middle_of_a_start_undoes_it() {
    for step in UP {
        let fake = Fake::new();
        let jail = fake.jail();
        fake.hang(step);
        let runtime = runtime();
        let starting = jail.clone();
        let task = runtime.spawn(async move { starting.start(JobSpec::new("true"), Stdio::default()).await.map(drop) });
        runtime.block_on(fake.reached(step));
        drop(runtime);
        self::runtime().block_on(async {
            assert!(task.await.is_err_and(|e| e.is_cancelled()), "{step:?}");
            jail.close(LONG).await.expect("all is taken back");
        });
        assert_eq!(fake.left(), [], "{step:?}");
    }
}

#[test]
fn a_job_may_be_dropped_on_a_thread_without_a_runtime() {
    let (fake, jail) = running();
    let job = start(&runtime(), &jail);
    std::thread::spawn(move || drop(job)).join().expect("no panic");
    closes(&fake, &jail);
}

#[test]
fn a_job_may_be_waited_for_in_another_runtime() {
    let (fake, jail) = running();
    let job = start(&runtime(), &jail);
    let key = job.key().clone();
    runtime().block_on(async {
        let exit = Exit::new(Reason::Exited, Some(4), None, Usage::default());
        let (exit, ()) = tokio::join!(job.wait(), async { fake.end(&key, exit) });
        assert_eq!(exit.expect("an exit").code, Some(4));
    });
    closes(&fake, &jail);
}
