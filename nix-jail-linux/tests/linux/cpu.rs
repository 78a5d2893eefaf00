//! CPU time of children that nobody waits for.

use std::time::Duration;

use nix_jail_core::{Feature, Reason, Support};

use crate::support::jail;

/// Discards its children unseen, each of which uses 5 ms of CPU; says a letter for each.
const DISCARDING: &str = "
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
while True:
    if os.fork() == 0:
        while time.process_time() < 0.005: pass
        os._exit(0)
    os.write(1, b'x')
    try: os.wait()
    except ChildProcessError: pass
";

#[tokio::test]
async fn of_discarded_children_counts() {
    let jail = jail();
    if jail.capabilities().support(Feature::CpuTime) != Support::Enforced {
        return crate::support::skip("cpu-time", "of_discarded_children_counts: kernel.perf_event_paranoid is above 2");
    }
    let mut command = jail.command("python3");
    command.args(["-c", DISCARDING]).cpu_time(Duration::from_millis(500)).time(Duration::from_secs(20));
    let output = command.output().await.expect("a job");
    assert_eq!(output.exit.reason, Reason::LimitReached(Feature::CpuTime));
    // 100 children of 5 ms are the limit; a few more may run until the next look. Uncounted, they were six times as many.
    assert!(output.stdout.len() < 150, "{} children of 5 ms for half a second", output.stdout.len());
}
