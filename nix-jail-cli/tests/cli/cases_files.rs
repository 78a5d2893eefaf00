//! Cases from the field: files and workspace.

use std::fs;

use rustix::process::Signal;

use crate::bin::{nj, until};
use crate::skip::has_jail;

/// F2: mount points made on the host's disk.
#[test]
fn f2_nothing_is_made_in_a_shared_workspace() {
    if !has_jail("f2") {
        return;
    }
    for kill_one in [false, true] {
        // The workspace that both share, and a directory by which the test and the jobs understand each other.
        let (e, control) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let shared = format!("{}:rw", e.path().display());
        let talk = format!("{}:/control", control.path().display());
        let names = || fs::read_dir(e.path()).unwrap().count();
        let start = |who: &str| {
            let script = format!("> /control/{who}-runs; while [ ! -e /control/{who}-ends ]; do sleep .02; done");
            nj(&["-w", &shared, "-v", &talk, "--tmpfs", "/data/x", "sh", "-c", &script]).start()
        };
        let end = |who: &str| fs::write(control.path().join(format!("{who}-ends")), "").unwrap();
        let (first, second) = (start("first"), start("second"));
        until("both run", || ["first-runs", "second-runs"].iter().all(|name| control.path().join(name).exists()));
        assert_eq!(names(), 0, "while both run");
        if kill_one {
            first.signal(Signal::KILL);
            assert_eq!(first.wait().code, 128 + 9);
        } else {
            end("first");
            first.wait().expect(0);
        }
        assert_eq!(names(), 0, "while one runs");
        end("second");
        second.wait().expect(0);
        assert_eq!(names(), 0, "afterwards");
    }
}
