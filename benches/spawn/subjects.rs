//! What is measured.

use std::path::Path;
use std::time::{Duration, Instant};

use nix_jail::{Access, Jail, JobSpec, MountSpec, Root, Stdio};
use tokio::runtime::{Builder, Runtime};

use crate::parent::Parent;
use crate::peers;
use crate::rounds::Subject;
use crate::stage::Stage;

pub(crate) const BARE: &str = "vfork+exec";
pub(crate) const BWRAP: &str = "bwrap";
pub(crate) const LIBRARY: &str = "library start+wait";
pub(crate) const CLI: &str = "CLI whole process";
pub(crate) const SMALL: &str = "library, 10 MB parent";
pub(crate) const LARGE: &str = "library, 1 GB parent";

/// All that this machine has. The library and bwrap get the same root: a directory that holds the program, which both
/// mount read-only. A second subject of the library's has its default root, the host's programs, which bwrap does not
/// know.
pub(crate) fn all(stage: &Stage) -> Vec<Subject> {
    let root = stage.place.root();
    let timed = |mut command: std::process::Command| move || time(|| peers::run(&mut command));
    let mut subjects = vec![Subject::new(BARE, timed(peers::bare(&stage.place.program())))];
    if stage.bwrap {
        subjects.push(Subject::new(BWRAP, timed(peers::bwrap(root, &[]))));
    }
    subjects.push(library(LIBRARY, stage, one_thread(), job(root)));
    subjects.push(library("library, host root", stage, one_thread(), host_job(root)));
    subjects.push(library("library, thread pool", stage, threads(), job(root)));
    if let Some(cli) = &stage.cli {
        subjects.push(Subject::new(CLI, timed(peers::cli(cli, root, &[]))));
    }
    for (name, megabytes) in [(SMALL, "10"), (LARGE, "1024")] {
        let mut parent = Parent::start(megabytes, root);
        subjects.push(Subject::new(name, move || parent.time()));
    }
    subjects
}

/// The job that only ends.
pub(crate) fn job(root: &Path) -> JobSpec {
    let mut spec = JobSpec::new("/bin/true");
    spec.root = Root::Dir(root.into());
    spec
}

fn host_job(root: &Path) -> JobSpec {
    let mut spec = JobSpec::new("/bench/true");
    spec.mounts = vec![MountSpec::host(root.join("bin"), "/bench", Access::ReadOnly)];
    spec
}

fn library(name: &'static str, stage: &Stage, runtime: Runtime, spec: JobSpec) -> Subject {
    let jail = stage.jail.clone();
    Subject::new(name, move || time(|| runtime.block_on(run(&jail, spec.clone()))))
}

/// Starts a job and waits for its end.
pub(crate) async fn run(jail: &Jail, spec: JobSpec) {
    let job = jail.start(spec, Stdio::default()).await.unwrap_or_else(|e| panic!("{e:?}"));
    let exit = job.wait().await.unwrap_or_else(|e| panic!("{e:?}"));
    assert!(exit.success(), "{exit:?}");
}

/// A runtime for a program that does one thing at a time.
pub(crate) fn one_thread() -> Runtime {
    Builder::new_current_thread().enable_all().build().expect("a runtime can be made")
}

/// A runtime for a server.
pub(crate) fn threads() -> Runtime {
    Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("a runtime can be made")
}

pub(crate) fn time(work: impl FnOnce()) -> Duration {
    let start = Instant::now();
    work();
    start.elapsed()
}
