//! What was looked at is what is mounted, or nothing is.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use nix_jail_core::{Access, Error, JobSpec, Platform, Process, Result, Stdio, WorkspaceSpec};

use crate::support::jail;

/// A directory `work` to grant, and beside it one with a secret.
struct Place {
    _dir: tempfile::TempDir,
    work: PathBuf,
    aside: PathBuf,
    secret: PathBuf,
}

fn place() -> Place {
    let dir = tempfile::tempdir().expect("a directory");
    let [work, aside, secret] = ["work", "aside", "secret"].map(|name| dir.path().join(name));
    fs::create_dir(&work).and_then(|()| fs::create_dir(&secret)).expect("directories");
    fs::write(secret.join("key"), "SECRET").and_then(|()| fs::write(work.join("plain"), "")).expect("files");
    Place { _dir: dir, work, aside, secret }
}

/// Starts a job on `work`, with `meanwhile` done between the look at it and its mounting.
async fn start(work: &Path, meanwhile: impl FnOnce()) -> Result<Process> {
    let jail = jail();
    let mut spec = JobSpec::new("true");
    spec.workspace = WorkspaceSpec::Dir { path: work.into(), access: Access::ReadWrite };
    let job = jail.admit(spec)?;
    let Platform { filesystem, network, isolation } = jail.platform();
    let workspace = filesystem.prepare_workspace(&job).await?;
    meanwhile();
    let config = network.setup_network(&job).await?;
    isolation.spawn(&job, &workspace, &config, Stdio::default()).await
}

#[tokio::test]
async fn a_link_in_its_place_is_refused() {
    let Place { work, aside, secret, .. } = &place();
    start(work, || {}).await.expect("the control: nothing moves, and it starts");
    let swap = || fs::rename(work, aside).and_then(|()| symlink(secret, work)).expect("swapped");
    start(work, swap).await.expect_err("a link");
}

#[tokio::test]
async fn another_directory_in_its_place_is_refused() {
    let Place { work, aside, secret, .. } = &place();
    let swap = || fs::rename(work, aside).and_then(|()| fs::rename(secret, work)).expect("swapped");
    match start(work, swap).await {
        Err(Error::InvalidSpec { reason, .. }) => assert!(reason.contains("was replaced"), "{reason}"),
        other => panic!("{other:?}"),
    }
}

/// For some seconds, with a thread that swaps as fast as it can: whatever a job sees is one of the two directories that
/// its path named, whole, and neither is changed.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_race_shows_nothing_else() {
    let Place { work, aside, secret, .. } = &place();
    let (stop, jail) = (AtomicBool::new(false), jail());
    let (mut seen, until) = (0, Instant::now() + Duration::from_secs(3));
    tokio::task::block_in_place(|| {
        std::thread::scope(|scope| {
            scope.spawn(|| swap(work, aside, secret, &stop));
            while Instant::now() < until {
                let run = async { jail.command("ls").workspace(work, Access::ReadWrite).output().await };
                match tokio::runtime::Handle::current().block_on(run) {
                    Ok(output) => {
                        assert!([&b"plain\n"[..], b"key\n"].contains(&&output.stdout[..]), "{output:?}");
                        seen += 1;
                    }
                    Err(Error::InvalidSpec { .. } | Error::Backend { .. }) => {}
                    Err(other) => panic!("{other}"),
                }
            }
            stop.store(true, Ordering::Relaxed);
        });
    });
    assert!(seen > 0, "the control: some starts win the race");
    assert_eq!(fs::read_dir(work).expect("it is back").count(), 1);
    assert_eq!(fs::read_dir(secret).expect("it is there").count(), 1);
    jail.close(Duration::from_secs(10)).await.expect("nothing is left");
}

fn swap(work: &Path, aside: &Path, secret: &Path, stop: &AtomicBool) {
    while !stop.load(Ordering::Relaxed) {
        fs::rename(work, aside).and_then(|()| symlink(secret, work)).expect("swapped");
        fs::remove_file(work).and_then(|()| fs::rename(aside, work)).expect("swapped back");
    }
}
