//! `doctor` and `capabilities`.

use serde_json::Value;

use crate::bin::{bash, nix_jail};
use crate::skip::{has, has_jail, skip};

#[test]
fn a_doctor_that_is_content_means_that_jobs_run() {
    let done = nix_jail(&["doctor"]).run();
    assert!(done.stdout.starts_with("walls that this machine can build, as "), "{done:#?}");
    assert!(done.stderr.is_empty() && !done.stdout.contains('\x1b'), "{done:#?}");
    let runs = nix_jail(&["run", "true"]).run().code;
    assert_eq!(done.code == 0, runs == 0, "{done:#?}");
}

#[test]
fn a_doctor_names_the_fix() {
    if !has("unshare", "a_doctor_names_the_fix") {
        return;
    }
    let inside = "echo 0 > /proc/sys/user/max_user_namespaces && exec nix-jail doctor --json";
    let done = bash(&format!("exec unshare -Ur sh -c '{inside}'")).run();
    if done.stdout.is_empty() {
        return skip("unshare", "a_doctor_names_the_fix", &done.stderr);
    }
    assert_eq!(done.code, 1, "{done:#?}");
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(report["ready"], false);
    let walls = report["walls"].as_array().unwrap();
    let lost = walls.iter().find(|wall| wall["feature"] == "private-processes").unwrap();
    assert_eq!(lost["support"], "unsupported");
    assert!(lost["fix"].as_str().is_some_and(|fix| fix.contains("user.max_user_namespaces")), "{lost}");
}

#[test]
fn the_matrix() {
    let text = nix_jail(&["capabilities"]).run().expect(0).stdout;
    let table = nix_jail(&["capabilities", "--markdown"]).run().expect(0).stdout;
    let rows: Vec<Value> = serde_json::from_str(&nix_jail(&["capabilities", "--json"]).run().expect(0).stdout).unwrap();
    assert_eq!((text.lines().count(), table.lines().count()), (rows.len(), rows.len() + 2));
    for row in &rows {
        let name = row["feature"].as_str().unwrap();
        assert!(text.contains(name) && table.contains(&format!("| `{name}` |")), "{name}");
    }
    nix_jail(&["capabilities", "--json", "--markdown"]).run().expect(125);
}

#[test]
fn a_job_of_this_name() {
    if !has_jail("a_job_of_this_name") {
        return;
    }
    let done = bash("nj --name twin --json true 2>&1 | tail -1").run().expect(0);
    let last: Value = serde_json::from_str(done.stdout.trim()).unwrap();
    assert_eq!(last["job"], "twin");
}
