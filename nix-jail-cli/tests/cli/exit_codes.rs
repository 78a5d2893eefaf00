//! The table of exit codes.

use crate::bin::{bash, nj};
use crate::skip::has_jail;

#[test]
fn of_jobs_that_end_by_themselves() {
    if !has_jail("of_jobs_that_end_by_themselves") {
        return;
    }
    for code in [0, 1, 3, 124, 125, 126, 127, 128, 255] {
        let done = nj(&["sh", "-c", &format!("exit {code}")]).run().expect(code);
        assert!(done.stdout.is_empty() && done.stderr.is_empty(), "{done:#?}");
    }
}

#[test]
fn streams_are_passed_through() {
    if !has_jail("streams_are_passed_through") {
        return;
    }
    let done = nj(&["sh", "-c", "cat; echo err >&2"]).stdin("in\n").run().expect(0);
    assert_eq!((done.stdout.as_str(), done.stderr.as_str()), ("in\n", "err\n"));
    let done = bash("nj echo to a file > f; cat f").run().expect(0);
    assert_eq!(done.stdout, "to a file\n");
}

#[test]
fn of_limits() {
    if !has_jail("of_limits") {
        return;
    }
    let done = nj(&["--time", "300ms", "sleep", "30"]).run().expect(124);
    assert!(done.stderr.contains("wall-clock limit (--time)"), "{done:#?}");
    assert!(done.took.as_secs() < 10, "{done:#?}");
    let done = nj(&["--cpu-time", "1s", "sh", "-c", "while :; do :; done"]).run().expect(137);
    assert!(done.stderr.contains("cpu-time limit (--cpu-time)"), "{done:#?}");
    let done = nj(&["--output", "10K", "sh", "-c", "while echo 0123456789; do :; done"]).run().expect(137);
    assert!(done.stderr.contains("output limit (--output)"), "{done:#?}");
    assert!(done.stdout.len() <= 10 << 10, "{} bytes", done.stdout.len());
}

#[test]
fn of_limits_that_the_job_sees() {
    if !has_jail("of_limits_that_the_job_sees") {
        return;
    }
    let script = "head -c 100000 /dev/zero > f; echo rc=$?";
    let done = nj(&["--file-size", "64K", "sh", "-c", script]).run().expect(0);
    assert!(!done.stdout.contains("rc=0"), "{done:#?}");
    let done = nj(&["--nofile", "17", "sh", "-c", "ulimit -n"]).run().expect(0);
    assert_eq!(done.stdout, "17\n");
    let script = "for i in 1 2 3 4 5 6 7 8 9; do sleep 3 & done; wait";
    let done = nj(&["--tasks", "5", "sh", "-c", script]).run();
    assert!(done.code != 0 && done.stderr.contains("fork"), "{done:#?}");
}

#[test]
fn the_jobs_own_surroundings() {
    if !has_jail("the_jobs_own_surroundings") {
        return;
    }
    let script = "id -u; pwd; echo $HOME $USER; echo ${SECRET-none} ${GIVEN-none}; ls -A";
    let done = nj(&["-e", "GIVEN", "sh", "-c", script]).env("SECRET", "s").env("GIVEN", "g").run().expect(0);
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert_eq!((lines[0], lines[1]), ("1000", "/workspace"), "{done:#?}");
    assert!(lines[2].ends_with(" jail") && !lines[2].starts_with("/home") && !lines[2].starts_with("/workspace"));
    assert_eq!(lines[3], "none g");
    assert_eq!(lines.len(), 4, "the workspace is not empty: {done:#?}");
}

#[test]
fn a_fifo_is_no_program_and_holds_nobody_up() {
    let done = bash("mkdir w; mkfifo -m 755 w/p; nj -w w -- ./p").run().expect(126);
    assert!(done.took < std::time::Duration::from_secs(20), "{done:#?}");
}
