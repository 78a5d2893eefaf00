//! Signals that nix-jail gets are meant for the job.

use std::fs;

use rustix::process::Signal;

use crate::bin::{Running, nj, until};
use crate::skip::has_jail;

/// A job that runs this script, which makes a file `ready` when it is.
fn ready(script: &str) -> (tempfile::TempDir, Running) {
    let dir = tempfile::tempdir().unwrap();
    let at = dir.path().to_str().unwrap().to_owned();
    let running = nj(&["-w", &at, "--", "sh", "-c", script]).own_group().start();
    until("the job is ready", || dir.path().join("ready").exists());
    (dir, running)
}

#[test]
fn are_handed_on_once() {
    if !has_jail("are_handed_on_once") {
        return;
    }
    let all = [Signal::TERM, Signal::INT, Signal::HUP, Signal::QUIT, Signal::USR1, Signal::USR2];
    // To nix-jail alone, and as a terminal sends them: to its process group, where its helpers may be as well.
    for (signal, group) in all.map(|s| (s, false)).into_iter().chain([(Signal::INT, true), (Signal::QUIT, true)]) {
        let n = signal.as_raw();
        let script = format!("trap 'echo got' {n}; > ready; while [ ! -e end ]; do sleep .02; done; exit 7");
        let (dir, running) = ready(&script);
        if group {
            running.signal_group(signal)
        } else {
            running.signal(signal)
        }
        // Time for a second one to arrive, if there is one.
        std::thread::sleep(std::time::Duration::from_millis(200));
        fs::write(dir.path().join("end"), "").unwrap();
        let done = running.wait().expect(7);
        assert_eq!(done.stdout, "got\n", "{signal:?}, group: {group}");
    }
}

#[test]
fn end_a_job_that_does_not_catch_them() {
    if !has_jail("end_a_job_that_does_not_catch_them") {
        return;
    }
    let (_dir, running) = ready("> ready; sleep 60");
    running.signal(Signal::TERM);
    running.wait().expect(143);
}

#[test]
fn the_third_request_to_end_ends_it() {
    if !has_jail("the_third_request_to_end_ends_it") {
        return;
    }
    let (dir, running) = ready("trap 'echo x >> got' INT; > ready; while :; do sleep .02; done");
    let got = || fs::read_to_string(dir.path().join("got")).unwrap_or_default().lines().count();
    for n in 1..=2 {
        running.signal(Signal::INT);
        until("the job gets it", || got() == n);
    }
    running.signal(Signal::INT);
    let done = running.wait().expect(130);
    assert!(done.stderr.contains("asked three times"), "{done:#?}");
}

#[test]
fn what_the_caller_ignores_stays_ignored() {
    if !has_jail("what_the_caller_ignores_stays_ignored") {
        return;
    }
    let done = crate::bin::bash(
        "trap '' HUP; nj -w . -- sh -c '> ready; while [ ! -e end ]; do sleep .02; done; exit 6' & \
         while [ ! -e ready ]; do sleep .02; done; kill -HUP $!; sleep .2; > end; wait $!",
    );
    done.run().expect(6);
}

#[test]
fn ctrl_z_stops_the_job_too() {
    if !has_jail("ctrl_z_stops_the_job_too") {
        return;
    }
    let (dir, running) = ready("> ready; while [ ! -e end ]; do echo x >> beat; sleep .02; done; exit 5");
    let beats = || fs::metadata(dir.path().join("beat")).map_or(0, |m| m.len());
    until("it beats", || beats() > 4);
    running.signal(Signal::TSTP);
    let stat = format!("/proc/{}/stat", running.pid().as_raw_nonzero());
    until("nix-jail stops", || fs::read_to_string(&stat).unwrap().contains(") T "));
    let before = beats();
    std::thread::sleep(std::time::Duration::from_millis(300));
    assert_eq!(beats(), before, "the job went on");
    running.signal(Signal::CONT);
    until("it beats again", || beats() > before);
    fs::write(dir.path().join("end"), "").unwrap();
    running.wait().expect(5);
}
