//! The memory of a jail whose program sleeps.

use std::process::{Child, Command};
use std::thread::sleep;
use std::time::{Duration, Instant};

use nix_jail::Stdio;

use crate::observer::{Found, Observer};
use crate::stage::Stage;
use crate::{peers, subjects, table};

/// Makes the program of the bench sleep.
const SLEEP: &[&str] = &["sleep"];

/// Prints the memory of the processes that hold a jail, without the program in it.
pub(crate) fn run(stage: &mut Stage) {
    println!("\nproportional set size of what holds one idle jail:");
    let Some(observer) = &mut stage.observer else {
        return println!("SKIPPED: only root may look at the helper's memory; start the bench as root");
    };
    let root = stage.place.root();
    let bwrap = stage.bwrap.then(|| held(observer, peers::bwrap(root, SLEEP), "bwrap"));
    table::memory("bwrap pair", bwrap.as_ref(), bwrap.as_ref());

    let runtime = subjects::one_thread();
    let mut spec = subjects::job(root);
    spec.args = SLEEP.iter().map(Into::into).collect();
    let job = runtime.block_on(stage.jail.start(spec, Stdio::default())).expect("the job starts");
    let ours = observer.look(std::process::id(), "nix-jail");
    drop(job);
    table::memory("library: helper pair", Some(&ours), bwrap.as_ref());
    let close = stage.jail.close(Duration::from_secs(5));
    runtime.block_on(close).expect("nothing of the jail is left");

    let cli = stage.cli.as_ref().map(|cli| held(observer, peers::cli(cli, root, SLEEP), "nix-jail"));
    table::memory("CLI and helper pair", cli.as_ref(), bwrap.as_ref());
}

/// What holds the jail of a command that starts one, once its program sleeps.
fn held(observer: &mut Observer, mut command: Command, name: &str) -> Found {
    let _running = Running(command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}")));
    let deadline = Instant::now() + Duration::from_secs(5);
    while observer.look(std::process::id(), "true").processes == 0 && Instant::now() < deadline {
        sleep(Duration::from_millis(5));
    }
    observer.look(std::process::id(), name)
}

struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
