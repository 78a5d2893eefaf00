//! A start that is given up leaves nothing, wherever it was.

use std::time::Duration;

use nix_jail_core::Stream;

use crate::support::{eventually, jail, mark, runs};

/// Gives up after ever longer times, so that every await of a start is hit.
async fn give_up_everywhere(steps: u32, step: Duration) {
    let (jail, mark) = (jail(), mark("cancelled"));
    for n in 0..steps {
        let mut command = jail.command("sh");
        command.args(["-c", "sleep 30; sleep 30", &mark]).stdout(Stream::Null).stderr(Stream::Null);
        // Ended by the drop of the future, or of the job.
        let _ = tokio::time::timeout(step * n, command.spawn()).await;
    }
    jail.close(Duration::from_secs(10)).await.expect("nothing is left");
    eventually("the jobs end", || !runs(&mark));
}

#[tokio::test(flavor = "current_thread")]
async fn on_one_thread() {
    give_up_everywhere(40, Duration::from_micros(150)).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn on_many_threads() {
    give_up_everywhere(40, Duration::from_micros(150)).await;
}

#[test]
fn a_runtime_that_goes_first() {
    let (jail, mark) = (jail(), mark("runtime"));
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    let job = runtime
        .block_on(async { jail.command("sh").args(["-c", "sleep 30; sleep 30", &mark]).spawn().await })
        .expect("a job");
    drop(runtime);
    eventually("the control: it runs until it is dropped", || runs(&mark));
    drop(job);
    eventually("the job ends", || !runs(&mark));
}
