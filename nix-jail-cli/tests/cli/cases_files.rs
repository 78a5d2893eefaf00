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
        let e = tempfile::tempdir().unwrap();
        let value = format!("{}:rw", e.path().display());
        let names = || fs::read_dir(e.path()).unwrap().count();
        // Each says that it runs, so that the test does not guess how long that takes.
        let start = |secs: &str| {
            nj(&["-w", &value, "-v", "/etc/hosts:/tmp/x:ro", "sh", "-c", &format!("sleep {secs}")]).start()
        };
        let (first, second) = (start("1.7531"), start("2.7532"));
        until("both run", || {
            crate::bin::processes_with("sleep\x001.7531") + crate::bin::processes_with("sleep\x002.7532") >= 2
        });
        assert_eq!(names(), 0, "while both run");
        if kill_one {
            first.signal(Signal::KILL);
            assert_eq!(first.wait().code, 128 + 9);
        } else {
            first.wait().expect(0);
        }
        assert_eq!(names(), 0, "while one runs");
        second.wait().expect(0);
        assert_eq!(names(), 0, "afterwards");
    }
}
