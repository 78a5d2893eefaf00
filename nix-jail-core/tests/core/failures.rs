//! Whatever fails, what was begun is taken back, newest first.

use nix_jail_core::fake::{Fake, Program, Step};
use nix_jail_core::{Error, JobSpec, Stdio};

use crate::support::{DOWN, LONG, UP, named, way_back, way_up};

#[tokio::test]
async fn a_good_start_walks_one_way_and_back() {
    let fake = Fake::new();
    let job = fake.jail().start(JobSpec::new("true"), Stdio::default()).await.expect("a start");
    assert!(job.wait().await.expect("an end").success());
    assert_eq!(fake.journal(), [&UP[..], &[Step::Wait], &DOWN[..]].concat());
    assert_eq!(fake.left(), []);
}

#[tokio::test]
async fn a_step_that_fails_is_undone_with_those_before_it() {
    for step in UP {
        let fake = Fake::new();
        let jail = fake.jail();
        fake.fail(step, 1);
        let failure = jail.start(named("a"), Stdio::default()).await.expect_err("a failure");
        assert!(failure.to_string().contains(&format!("{step:?}")), "{failure}");
        // All of it before the failure is told, without the reaper.
        assert_eq!(fake.journal(), [&way_up(step)[..], way_back(step)].concat(), "{step:?}");
        assert_eq!(fake.left(), [], "{step:?}");
        jail.start(named("a"), Stdio::default()).await.expect("the name is free, and nothing is broken");
    }
}

#[tokio::test]
async fn a_program_that_cannot_be_executed_is_a_failed_step() {
    for (program, code) in [(Program::not_found(), 127), (Program::not_executable(), 126)] {
        let fake = Fake::new();
        fake.program(move |_| program.clone());
        let error = fake.jail().command("x").output().await.expect_err("no such program");
        let told = match error {
            Error::NotFound { .. } => 127,
            Error::NotExecutable { .. } => 126,
            other => panic!("{other}"),
        };
        assert_eq!(told, code);
        assert_eq!(fake.left(), []);
    }
}

#[tokio::test]
async fn a_clean_up_that_fails_is_tried_again_and_costs_nobody_the_exit() {
    for step in DOWN {
        let fake = Fake::new();
        let jail = fake.jail();
        fake.fail(step, 2);
        let job = jail.start(JobSpec::new("true"), Stdio::default()).await.expect("a start");
        assert!(job.wait().await.expect("the exit").success());
        jail.close(LONG).await.expect("it succeeded in the end");
        let tries = fake.journal().iter().filter(|s| **s == step).count();
        assert_eq!((tries, fake.left()), (3, vec![]), "{step:?}");
    }
}

#[tokio::test]
async fn a_clean_up_that_never_succeeds_is_named() {
    for (step, provider) in DOWN.into_iter().zip(["fake-isolation", "fake-network", "fake-filesystem"]) {
        let fake = Fake::new();
        let jail = fake.jail();
        fake.fail(step, u32::MAX);
        let job = jail.start(named("a"), Stdio::default()).await.expect("a start");
        let key = job.key().clone();
        drop(job);
        let Err(Error::Leaked { what }) = jail.close(LONG).await else { panic!("nothing is said to be left") };
        assert_eq!(what.len(), 1, "{what:?}");
        assert!(what[0].contains(provider) && what[0].contains(&key.to_string()), "{what:?}");
        // The other steps were undone all the same, and the name is free.
        assert_eq!(fake.left().len(), 1);
        jail.admit(named("a")).expect("a free name");
    }
}

#[tokio::test]
async fn a_clean_up_that_panics_does_not_take_the_reaper_with_it() {
    let fake = Fake::new();
    let jail = fake.jail();
    for times in [1, 0] {
        fake.panic(DOWN[0], times);
        drop(jail.start(JobSpec::new("true"), Stdio::default()).await.expect("a start"));
        let Err(Error::Leaked { what }) = jail.close(LONG).await else { panic!("the first panic is named for good") };
        assert_eq!(what.len(), 1, "{what:?}");
    }
    assert_eq!(fake.left().len(), 3, "of the first; the second was taken back");
}
