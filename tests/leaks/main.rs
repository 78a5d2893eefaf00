//! After a jail is closed, the machine is as before: counted around jobs that end in every way there is.
//!
//! A test binary of its own, as what it counts is the whole process and all below it. The figures of the project's
//! notes: `NIX_JAIL_LEAK_JOBS=1000 cargo test --release --test leaks -- --nocapture`.
#![cfg(target_os = "linux")]

mod counts;

use std::io::Write;
use std::time::Duration;

use counts::Counts;
use nix_jail::{Error, Exit, Feature, Jail, JailCommand, Reason, Result, Support};
use tokio::task::JoinSet;

/// How many jobs run at once.
const AT_ONCE: usize = 8;
const LONG: Duration = Duration::from_secs(60);

#[test]
fn nothing_is_left() {
    counts::take_orphans();
    let jobs = std::env::var("NIX_JAIL_LEAK_JOBS").map_or(60, |jobs| jobs.parse().expect("a number of jobs"));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    let jail = nix_jail::host();
    if jail.capabilities().support(Feature::PrivateProcesses) != Support::Enforced {
        return skip("namespaces", "no jail can be built on this machine");
    }
    // What is made once and stays: the helper's image, the runtime's own descriptors.
    runtime.block_on(all(&jail, 2 * KINDS));
    let before = Counts::take();
    runtime.block_on(all(&jail, jobs));
    let after = Counts::take();
    println!("before {jobs} jobs: {before}\nafter:  {after}");
    let new = after.beyond(&before);
    assert!(new.is_empty(), "left behind by {jobs} jobs: {new:#?}");
    let job = runtime.block_on(sh(&jail, "sleep 60").spawn()).unwrap();
    let seen = Counts::take().beyond(&after);
    drop(job);
    let kinds = ["processes: nix-jail", "processes: sh", "descriptors: anon_inode", "descriptors: socket"];
    assert!(kinds.iter().all(|kind| seen.iter().any(|s| s.starts_with(kind))), "a job that runs is seen: {seen:#?}");
}

/// Runs jobs of all kinds and closes the jail, which stays usable.
async fn all(jail: &Jail, jobs: usize) {
    let mut running = JoinSet::new();
    for n in 0..jobs {
        if running.len() == AT_ONCE {
            running.join_next().await.expect("some run").expect("no task panics");
        }
        running.spawn(one(jail.clone(), n));
    }
    while let Some(ended) = running.join_next().await {
        ended.expect("no task panics");
    }
    jail.close(LONG).await.expect("nothing hangs");
}

const KINDS: usize = 9;

/// A job of one of the kinds.
async fn one(jail: Jail, n: usize) {
    match n % KINDS {
        0 => assert!(sh(&jail, "exit 0").status().await.expect("a job").success()),
        1 => assert_eq!(sh(&jail, "exit 3").status().await.expect("a job").code, Some(3)),
        2 => assert!(matches!(jail.command("no-such-program").status().await, Err(Error::NotFound { .. }))),
        3 => assert_eq!(limited(&jail).await.expect("a job").reason, Reason::TimedOut),
        4 => assert_eq!(sh(&jail, "echo x; echo y >&2").output().await.expect("a job").stdout, b"x\n"),
        // Grandchildren that would stay.
        5 => assert!(sh(&jail, "sleep 60 & (setsid sleep 60 &) ; exit 0").status().await.expect("a job").success()),
        6 => assert_eq!(killed(&jail).await.expect("a job").reason, Reason::Cancelled),
        // Nobody waits for it.
        7 => drop(sh(&jail, "sleep 60").spawn().await.expect("a job")),
        // A start that is given up somewhere on its way.
        _ => {
            let soon = Duration::from_micros(300 * n as u64 % 5000);
            let _ = tokio::time::timeout(soon, sh(&jail, "sleep 60").spawn()).await;
        }
    }
}

fn sh(jail: &Jail, script: &str) -> JailCommand {
    let mut command = jail.command("sh");
    command.args(["-c", script]);
    command
}

async fn limited(jail: &Jail) -> Result<Exit> {
    sh(jail, "sleep 60").time(Duration::from_millis(5)).status().await
}

async fn killed(jail: &Jail) -> Result<Exit> {
    let job = sh(jail, "sleep 60").spawn().await?;
    job.kill().await?;
    job.wait().await
}

/// Says that a test did not run, where `cargo xtask test` counts it.
fn skip(name: &str, reason: &str) {
    let line = format!("SKIPPED {name}: {reason}");
    println!("{line}");
    if let Some(file) = std::env::var_os("NIX_JAIL_SKIPS") {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(file).expect("the runner made it");
        writeln!(file, "{line}").expect("the runner's file can be written");
    }
}
