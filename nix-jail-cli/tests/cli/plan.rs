//! `--dry-run` and `--summary`.

use std::fs;

use serde_json::Value;

use crate::bin::{nj, processes_with};
use crate::skip::has_jail;

#[test]
fn a_plan_starts_and_creates_nothing_and_tells_no_secret() {
    if !has_jail("a_plan") {
        return;
    }
    for json in [false, true] {
        let dir = tempfile::tempdir().unwrap();
        let mut args = vec!["--dry-run", "-w", ".", "-e", "TOKEN=hunter2", "--time", "1h", "--tmpfs", "/t:size=1M"];
        if json {
            args.push("--json");
        }
        let job = format!("touch made; sleep 61.{}", std::process::id());
        args.extend(["sh", "-c", &job]);
        let done = nj(&args).in_dir(dir.path()).run().expect(0);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
        assert_eq!(processes_with(&job), 0);
        assert!(done.stdout.contains("TOKEN") && !done.stdout.contains("hunter2"), "{done:#?}");
        assert!(done.stdout.contains("/workspace") && done.stderr.is_empty(), "{done:#?}");
        if json {
            let plan: Value = serde_json::from_str(&done.stdout).unwrap();
            assert_eq!(plan["spec"]["program"], "sh");
            let env = plan["env"].as_array().unwrap();
            assert!(["TOKEN", "PATH", "HOME"].iter().all(|name| env.contains(&(*name).into())), "{plan}");
            let mounts = plan["mounts"].as_array().unwrap();
            assert!(mounts.iter().any(|m| m["target"] == "/t") && mounts.iter().any(|m| m["target"] == "/usr"));
        } else {
            assert!(done.stdout.contains("wall-clock 1h"), "{done:#?}");
        }
    }
}

#[test]
fn a_plan_that_is_refused() {
    let done = nj(&["--dry-run", "-v", "/etc:/proc", "true"]).run().expect(125);
    assert!(done.stderr.contains("-v /etc:/proc: "), "{done:#?}");
}

#[test]
fn a_summary_has_a_line_a_wall() {
    if !has_jail("a_summary_has_a_line_a_wall") {
        return;
    }
    let args = ["--summary", "--name", "s1", "--time", "1h", "-w", ".:ro", "sh", "-c", "exit 5"];
    let done = nj(&args).run().expect(5);
    assert!(done.stderr.starts_with("jail s1  exit 5 in "), "{done:#?}");
    for word in ["\n  files ", "\n  workspace ", "\n  network ", "\n  processes ", "wall-clock 1h", "read-only"] {
        assert!(done.stderr.contains(word), "{word}: {done:#?}");
    }
    assert!(!done.stderr.contains('\x1b') && done.stdout.is_empty());
}
