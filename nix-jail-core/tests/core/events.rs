//! What is told about a job, to whom, and when.

use std::sync::{Arc, Mutex};

use nix_jail_core::fake::{Fake, Program, Step};
use nix_jail_core::{Capabilities, Fact, Feature, Jail, JobEvent, JobSpec, Lagged, Stdio};

use crate::support::{LONG, named};

fn word(fact: &Fact) -> &'static str {
    match fact {
        Fact::Admitted => "admitted",
        Fact::Degraded { .. } => "degraded",
        Fact::Started => "started",
        Fact::StartFailed { .. } => "start-failed",
        Fact::Exited(_) => "exited",
        Fact::Leaked { .. } => "leaked",
        _ => "other",
    }
}

/// What was told, and how many calls there had been by then.
type Notes = Arc<Mutex<Vec<(&'static str, usize)>>>;

/// A jail whose sink notes each fact together with how many calls the fake had got by then.
fn noted(fake: &Fake) -> (Jail, Notes) {
    let notes = Arc::new(Mutex::new(Vec::new()));
    let (fake, into) = (fake.clone(), notes.clone());
    let platform = fake.platform();
    let sink = move |event: &JobEvent| {
        into.lock().expect("no panic").push((word(&event.fact), fake.journal().len()));
    };
    (Jail::builder(platform).sink(sink).build(), notes)
}

#[tokio::test]
async fn the_sink_is_called_before_anything_goes_on() {
    let fake = Fake::new();
    let (jail, notes) = noted(&fake);
    let job = jail.start(JobSpec::new("x"), Stdio::default()).await.expect("a start");
    assert_eq!(*notes.lock().unwrap(), [("admitted", 0), ("started", 5)]);
    job.wait().await.expect("an end");
    job.wait().await.expect("an end");
    // Told once, after the process was waited for and before the clean-up.
    assert_eq!(notes.lock().unwrap()[2..], [("exited", 6)]);
}

#[tokio::test]
async fn facts_of_a_start_that_fails() {
    let fake = Fake::new();
    let (jail, notes) = noted(&fake);
    fake.fail(Step::Setup, 1);
    jail.start(JobSpec::new("x"), Stdio::default()).await.expect_err("as scripted");
    assert_eq!(*notes.lock().unwrap(), [("admitted", 0), ("start-failed", 2)]);
    // A refused job is no job: nothing is told.
    jail.admit(JobSpec::new("")).expect_err("refused");
    assert_eq!(notes.lock().unwrap().len(), 2);
}

#[tokio::test]
async fn an_exit_is_told_once_even_if_a_wait_is_given_up() {
    let fake = Fake::new();
    let (jail, notes) = noted(&fake);
    let job = jail.start(JobSpec::new("x"), Stdio::default()).await.expect("a start");
    let step = crate::support::DOWN[1];
    fake.hang(step);
    tokio::select! {
        _ = job.wait() => panic!("{step:?} hangs"),
        () = fake.reached(step) => {}
    }
    fake.resume(step);
    job.wait().await.expect("an end");
    assert_eq!(notes.lock().unwrap().iter().filter(|(fact, _)| *fact == "exited").count(), 1);
}

#[tokio::test]
async fn degraded_and_leaked_are_facts() {
    let all = Feature::ALL.iter().fold(Capabilities::none(), |all, f| all.enforced(*f, "test"));
    let fake = Fake::promising(all.best_effort(Feature::Landlock, "an old kernel", None));
    let (jail, notes) = noted(&fake);
    let mut events = jail.subscribe();
    fake.fail(crate::support::DOWN[2], u32::MAX);
    let job = jail.start(JobSpec::new("x"), Stdio::default()).await.expect("a start");
    let key = job.key().clone();
    drop(job);
    jail.close(LONG).await.expect_err("leaked");
    let told: Vec<_> = notes.lock().unwrap().iter().map(|(fact, _)| *fact).collect();
    assert_eq!(told, ["admitted", "degraded", "started", "leaked"]);
    while let Some(event) = events.try_next() {
        let event = event.expect("no lag");
        assert_eq!(event.job, key);
        if let Fact::Degraded { feature, why } = event.fact {
            assert_eq!((feature, why.as_str()), (Feature::Landlock, "an old kernel"));
        }
    }
}

#[tokio::test]
async fn subscribers_get_the_same_facts_in_order() {
    let fake = Fake::new();
    fake.program(|_| Program::exits(3));
    let jail = fake.jail();
    let mut streams = [jail.subscribe(), jail.subscribe()];
    let exit = jail.command("x").id(nix_jail_core::JobId::new("a").expect("an id")).status().await.expect("an exit");
    for stream in &mut streams {
        for expected in ["admitted", "started", "exited"] {
            let event = stream.next().await.expect("the jail is here").expect("no lag");
            assert_eq!((word(&event.fact), event.job.id.as_str()), (expected, "a"));
            if let Fact::Exited(told) = event.fact {
                assert_eq!(told, exit);
            }
        }
        assert!(stream.try_next().is_none());
    }
    let mut late = jail.subscribe();
    assert!(late.try_next().is_none(), "nothing from before the subscription");
    drop((jail, fake));
    assert!(late.next().await.is_none(), "the jail is gone");
}

#[tokio::test]
async fn a_subscriber_that_lags_is_told_how_much_it_lost() {
    let jail = Fake::new().jail();
    let mut events = jail.subscribe();
    const SENT: u64 = 3000;
    for _ in 0..SENT {
        jail.admit(named("a")).expect("admitted");
    }
    let Some(Err(Lagged(lost))) = events.next().await else { panic!("nothing was lost") };
    let mut kept = 0;
    while let Some(event) = events.try_next() {
        event.expect("no more lag");
        kept += 1;
    }
    assert_eq!(lost + kept, SENT);
    assert!(kept >= 1000, "{kept}");
}
