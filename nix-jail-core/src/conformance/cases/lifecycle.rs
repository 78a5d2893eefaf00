//! Embedders: what they do to their threads, their children and themselves costs no job its end, and no job outlives
//! them.

use std::path::Path;
use std::process::{Command, Stdio as Native};
use std::thread;
use std::time::Duration;

use rustix::process::{Pid, Signal, WaitOptions, kill_process, wait};

use super::files::workspace;
use super::{Case, Payload};
use crate::conformance::native::Beside;
use crate::conformance::{Bench, Trouble, native};
use crate::{Exit, Feature, JailCommand, JobSpec, Stdio};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "drop-kills",
        feature: Feature::KillAll,
        attack: Payload::Drive(|bench| Box::pin(drop_kills(bench))),
        ..Case::PLAIN
    },
    Case {
        name: "embedder-killed",
        feature: Feature::KillAll,
        attack: Payload::Drive(|bench| Box::pin(embedder_killed(bench))),
        ..Case::PLAIN
    },
    Case {
        // E1
        name: "thread-ends",
        attack: Payload::Drive(|bench| Box::pin(thread_ends(bench))),
        ..Case::PLAIN
    },
    Case {
        // E2
        name: "sigchld-ignored",
        needs: &["sh", "python3"],
        embedder: &[IGNORED],
        attack: Payload::Drive(|bench| Box::pin(sigchld_ignored(bench))),
        ..Case::PLAIN
    },
    Case {
        // E2
        name: "reaper-embedder",
        attack: Payload::Drive(|bench| Box::pin(reaper_embedder(bench))),
        ..Case::PLAIN
    },
    Case {
        // E2
        name: "own-children",
        attack: Payload::Drive(|bench| Box::pin(own_children(bench))),
        ..Case::PLAIN
    },
    Case {
        name: "sixty-four-at-once",
        attack: Payload::Drive(|bench| Box::pin(sixty_four_at_once(bench))),
        ..Case::PLAIN
    },
];

/// An embedder that was started by something that ignores SIGCHLD.
const IGNORED: &str = "exec python3 -c 'import os, signal as s, sys
s.signal(s.SIGCHLD, s.SIG_IGN)
os.execvp(sys.argv[1], sys.argv[1:])' \"$@\"";

/// Leaves signs of life, but ends by itself.
const BEAT: &str = "echo $$ >pid; i=0; while [ $((i += 1)) -lt 400 ]; do echo x >>beat; sleep 0.02; done";

/// How many runs show that an end is not lost now and then.
const RUNS: usize = 50;

fn beating(bench: &Bench) -> JailCommand {
    let mut command = bench.jail.command("sh");
    workspace(bench, &mut command);
    command.args(["-c", BEAT]);
    command
}

fn beats(file: &Path) -> u64 {
    std::fs::metadata(file).map_or(0, |meta| meta.len())
}

/// Waits for the first sign of life.
async fn lives(file: &Path) -> Result<(), Trouble> {
    for _ in 0..1000 {
        if beats(file) > 4 {
            return Ok(());
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    Err(Trouble::failed("the job gives no sign of life"))
}

/// Whether anything still beats, `grace` from now.
async fn survives(file: &Path, grace: Duration) -> bool {
    tokio::time::sleep(grace).await;
    let before = beats(file);
    tokio::time::sleep(Duration::from_millis(200)).await;
    beats(file) > before
}

async fn drop_kills(bench: &Bench) -> Result<(), Trouble> {
    let file = bench.work().join("beat");
    let job = beating(bench).spawn().await?;
    lives(&file).await?;
    drop(job);
    if survives(&file, Duration::from_secs(1)).await {
        return Err(Trouble::failed("the job lives a second after it was dropped"));
    }
    // The control: std's handle ends nothing.
    std::fs::remove_file(&file)?;
    let mut child = native::command("sh").args(["-c", BEAT]).current_dir(bench.work()).spawn()?;
    lives(&file).await?;
    let survived = survives(&file, Duration::ZERO).await;
    child.kill()?;
    child.wait()?;
    survived.then_some(()).ok_or_else(|| Trouble::failed("the control does not outlive anything"))
}

/// Says that this process is the embedder that is to be killed.
const EMBED: &str = "NIX_JAIL_CASE_EMBED";

async fn embedder_killed(bench: &Bench) -> Result<(), Trouble> {
    if let Some(how) = std::env::var_os(EMBED) {
        let _job = match how.to_str() {
            Some("native") => {
                native::command("sh").args(["-c", BEAT]).current_dir(bench.work()).spawn().map(|_| None)?
            }
            _ => Some(beating(bench).spawn().await?),
        };
        std::future::pending::<()>().await;
    }
    let (file, pid) = (bench.work().join("beat"), bench.work().join("pid"));
    for (how, survivor) in [("jail", false), ("native", true)] {
        let mut embedder = native::command(std::env::current_exe()?);
        embedder.args(["--case", "embedder-killed"]).env(EMBED, how);
        let mut embedder = Beside::start(&mut embedder)?;
        lives(&file).await?;
        embedder.0.kill()?;
        embedder.0.wait()?;
        if survives(&file, Duration::from_secs(1)).await != survivor {
            return Err(Trouble::failed(format!("killed with a job by {how}: the job survives: {}", !survivor)));
        }
        std::fs::remove_file(&file)?;
        // The survivor of the control, which is nobody's child any more. A number from inside a jail means nobody here.
        let number = std::fs::read_to_string(&pid)?;
        std::fs::remove_file(&pid)?;
        if let Some(number) = number.trim().parse().ok().and_then(Pid::from_raw).filter(|_| survivor) {
            kill_process(number, Signal::KILL).map_err(std::io::Error::from)?;
        }
    }
    Ok(())
}

/// Spawns on a thread that ends before the job, and waits for it from here.
async fn thread_ends(bench: &Bench) -> Result<(), Trouble> {
    let start = |jail: crate::Jail| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let mut spec = JobSpec::new("sh");
        spec.args = vec!["-c".into(), "sleep 1; exit 3".into()];
        runtime.block_on(jail.start(spec, Stdio::default())).map_err(Trouble::from)
    };
    let jail = bench.jail.clone();
    let by_thread = thread::spawn(move || start(jail)).join();
    // A runtime whose spare threads end early: the one that spawned the job is gone long before the job is.
    let impatient =
        tokio::runtime::Builder::new_current_thread().thread_keep_alive(Duration::from_millis(100)).build()?;
    let jail = bench.jail.clone();
    let by_pool = impatient.spawn_blocking(move || start(jail)).await;
    let ended = |e: &dyn std::fmt::Display| Trouble::failed(format!("the spawning thread panicked: {e}"));
    let jobs = [by_thread.map_err(|_| ended(&"std"))??, by_pool.map_err(|e| ended(&e))??];
    impatient.shutdown_background();
    for job in jobs {
        expect(job.wait().await?, 3)?;
    }
    // The control, for what would lose the job: a thread that is gone by the time of the wait, and another that waits.
    let mut child = thread::spawn(|| native::command("sh").args(["-c", "exit 3"]).spawn()).join();
    match child.as_mut().map(|child| child.as_mut().map(|child| child.wait())) {
        Ok(Ok(Ok(status))) if status.code() == Some(3) => Ok(()),
        other => Err(Trouble::skipped("native", format!("std loses a child in the same way: {other:?}"))),
    }
}

fn expect(exit: Exit, code: i32) -> Result<(), Trouble> {
    match exit.code {
        Some(got) if got == code => Ok(()),
        _ => Err(Trouble::failed(format!("{exit:?}, not {code}"))),
    }
}

async fn sevens(bench: &Bench) -> Result<(), Trouble> {
    for _ in 0..RUNS {
        expect(bench.jail.command("sh").args(["-c", "exit 7"]).output().await?.exit, 7)?;
    }
    Ok(())
}

fn nine() -> Command {
    let mut command = native::command("sh");
    command.args(["-c", "exit 9"]).stdin(Native::null());
    command
}

/// The embedder was started by something that ignores SIGCHLD: the kernel tells nobody how children end.
async fn sigchld_ignored(bench: &Bench) -> Result<(), Trouble> {
    if let Ok(status) = nine().status() {
        return Err(Trouble::failed(format!("the control's end is not lost ({status}): SIGCHLD is not ignored")));
    }
    sevens(bench).await
}

/// The embedder waits for every child there is, ours included.
async fn reaper_embedder(bench: &Bench) -> Result<(), Trouble> {
    thread::spawn(|| {
        loop {
            while matches!(wait(WaitOptions::NOHANG), Ok(Some(_))) {}
            thread::sleep(Duration::from_micros(200));
        }
    });
    let lost = || {
        nine().spawn().and_then(|mut child| {
            thread::sleep(Duration::from_millis(50));
            child.wait()
        })
    };
    if (0..5).all(|_| lost().is_ok()) {
        return Err(Trouble::failed("the control's end is not lost: nobody reaps"));
    }
    sevens(bench).await
}

/// An embedder with children of its own: they are waited for by nobody else, and no handler is put in their way.
async fn own_children(bench: &Bench) -> Result<(), Trouble> {
    let children =
        thread::spawn(|| (0..RUNS).map(|_| nine().status().map(|status| status.code())).collect::<Result<Vec<_>, _>>());
    sevens(bench).await?;
    let codes = children.join().map_err(|_| Trouble::failed("the thread panicked"))??;
    match codes.iter().all(|code| *code == Some(9)) {
        true => Ok(()),
        false => Err(Trouble::failed(format!("children of our own: {codes:?}"))),
    }
}

async fn sixty_four_at_once(bench: &Bench) -> Result<(), Trouble> {
    let jobs: Vec<_> = (0..64)
        .map(|n| {
            let jail = bench.jail.clone();
            tokio::spawn(async move {
                let text = format!("echo {n}; exit {n}");
                jail.command("sh").args(["-c", &text]).output().await
            })
        })
        .collect();
    for (n, job) in jobs.into_iter().enumerate() {
        let output = job.await.map_err(|e| Trouble::failed(e.to_string()))??;
        if (output.exit.code, output.stdout.as_slice()) != (Some(n as i32), format!("{n}\n").as_bytes()) {
            return Err(Trouble::failed(format!("job {n}: {output:?}")));
        }
    }
    Ok(())
}
