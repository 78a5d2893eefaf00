//! The embedder dies, and its jobs with it.

use std::io::{BufRead, BufReader};
use std::process::Stdio;
use std::time::Duration;

use crate::support::{copy, eventually, jail, mark, part, runs};

#[test]
fn a_killed_embedder_takes_its_jobs_along() {
    if let Some(mark) = part() {
        return play(&mark);
    }
    let mark = mark("killed");
    let mut embedder = copy(&[], "embedder::a_killed_embedder_takes_its_jobs_along", &mark)
        .stdout(Stdio::piped())
        .spawn()
        .expect("a copy of this test");
    let said = BufReader::new(embedder.stdout.take().expect("its stdout")).lines().map_while(Result::ok);
    assert!(said.into_iter().any(|line| line.contains("job runs")), "the embedder starts its job");
    eventually("the control: the job runs", || runs(&mark));
    embedder.kill().expect("SIGKILL");
    eventually("the job of a killed embedder ends", || !runs(&mark));
    embedder.wait().expect("its end");
}

/// The embedder, in a process of its own.
fn play(mark: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let job = jail().command("sh").args(["-c", "trap '' TERM HUP INT; sleep 30; sleep 30", mark]).spawn().await;
        println!("job runs");
        tokio::time::sleep(Duration::from_secs(60)).await;
        drop(job);
    });
}
