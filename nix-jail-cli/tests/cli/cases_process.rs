//! Cases from the field: processes and standard streams.

use std::time::Duration;

use serde_json::Value;

use crate::bin::{bash, nj, processes_with};
use crate::skip::{has, has_jail};

/// P1: an event loop that is woken from another thread, over a connected AF_UNIX pair.
#[test]
fn p1_a_loop_is_woken() {
    if !has("python3", "p1") {
        return;
    }
    let script = "import asyncio,threading;l=asyncio.new_event_loop();\
        threading.Thread(target=l.run_forever,daemon=True).start();\
        print(asyncio.run_coroutine_threadsafe(asyncio.sleep(0,42),l).result(2))";
    let done = nj(&["python3", "-c", script]).run().expect(0);
    assert_eq!(done.stdout, "42\n");
}

/// P2: default signal actions, although the job lives in a process namespace of its own.
#[test]
fn p2_signals_have_their_default_actions() {
    if !has_jail("p2") {
        return;
    }
    for (signal, code) in [("TERM", 143), ("HUP", 129), ("ABRT", 134), ("USR1", 138), ("SEGV", 139)] {
        let done = nj(&["--json", "--", "sh", "-c", &format!("kill -{signal} $$; echo alive")]).run().expect(code);
        assert!(done.stdout.is_empty(), "{signal}: {done:#?}");
        let result: Value = serde_json::from_str(done.stderr.lines().last().unwrap()).unwrap();
        assert_eq!(result["reason"], "signal", "{signal}: {done:#?}");
        assert_eq!(result["signal"], code - 128);
    }
}

/// P3: signals that the caller blocks or ignores neither leak in nor cost the exit code.
#[test]
fn p3_the_callers_signal_state_does_not_matter() {
    if !has("python3", "p3") {
        return;
    }
    let caller = r#"/usr/bin/python3 -c 'import os,signal as s
s.pthread_sigmask(s.SIG_BLOCK,{s.SIGTERM,s.SIGINT,s.SIGCHLD});s.signal(s.SIGCHLD,s.SIG_IGN)
os.execvp("nix-jail",["nix-jail","run","--","sh","-c","grep ^Sig[BI] /proc/self/status; (exit 3); exit $?"])'"#;
    let done = bash(caller).run().expect(3);
    assert!(done.took < Duration::from_secs(5), "{done:#?}");
    let mask = |name: &str| {
        let line = done.stdout.lines().find(|line| line.starts_with(name)).unwrap_or_else(|| panic!("{done:#?}"));
        u64::from_str_radix(line.split_ascii_whitespace().last().unwrap(), 16).unwrap()
    };
    assert_eq!(mask("SigBlk"), 0);
    let (pipe, child) = (1 << 12, 1 << 16);
    assert_eq!(mask("SigIgn") & (pipe | child), 0);
    let done = bash(r#"(trap "" PIPE; nj -- sh -c 'yes; echo "rc=$?" >&2' | head -1)"#).run().expect(0);
    assert_eq!(done.stdout, "y\n");
    assert!(done.stderr.contains("rc=141"), "{done:#?}");
}

/// P4: the reader of stdout goes away.
#[test]
fn p4_a_reader_that_goes_away() {
    if !has_jail("p4") {
        return;
    }
    // Told apart from the same test in another run.
    let marker = format!("p4-{}", std::process::id());
    let done = bash(&format!("nj -- yes {marker} | head -1; echo ${{PIPESTATUS[0]}}")).run().expect(0);
    assert_eq!(done.stdout, format!("{marker}\n141\n"));
    assert!(done.stderr.is_empty(), "{done:#?}");
    assert!(done.took < Duration::from_secs(5), "{done:#?}");
    assert_eq!(processes_with(&format!("yes\0{marker}")), 0);
    let done = bash("for i in {1..100}; do nj -- true | true; echo ${PIPESTATUS[0]}; done | sort | uniq -c").run();
    assert_eq!(done.expect(0).stdout.trim(), "100 0");
}

/// P5: started with a standard descriptor closed.
#[test]
fn p5_closed_descriptors() {
    if !has_jail("p5") {
        return;
    }
    let done = bash("nj -- sh -c 'cat; echo x' <&-").run().expect(0);
    assert_eq!(done.stdout, "x\n");
    let done = bash("nj -- sh -c 'readlink /proc/$$/fd/0' <&-").run();
    assert!(["/dev/null\n", ""].contains(&done.stdout.as_str()), "{done:#?}");
    bash("nj -- sh -c 'echo lost; exit 4' >&-").run().expect(4);
    let done = bash("nj -- sh -c 'exec 3>&1; readlink /proc/$$/fd/3 >&2; :' >&-").run();
    assert!(["/dev/null\n", ""].contains(&done.stderr.as_str()), "{done:#?}");
}
