//! `--json`: events as lines on stderr, the last one the result, stdout the job's own.

use serde_json::Value;

use crate::bin::{Done, nix_jail, nj};
use crate::skip::has_jail;

fn lines(done: &Done) -> Vec<Value> {
    let read = |line: &str| serde_json::from_str(line).unwrap_or_else(|e| panic!("{line}: {e}"));
    done.stderr.lines().map(read).collect()
}

#[test]
fn events_and_a_result() {
    if !has_jail("events_and_a_result") {
        return;
    }
    let script = "echo out; printf 'a\\nb' >&2; printf '\\377\\n' >&2; exit 3";
    let done = nj(&["--json", "--name", "j", "--", "sh", "-c", script]).run().expect(3);
    assert_eq!(done.stdout, "out\n");
    let lines = lines(&done);
    let named = |name: &str| lines.iter().filter(|l| l["event"] == name).collect::<Vec<_>>();
    assert_eq!((named("admitted").len(), named("started").len(), named("result").len()), (1, 1, 1));
    assert!(lines.iter().all(|line| line["job"] == "j"), "{lines:#?}");
    let mut bytes = Vec::new();
    for line in named("stderr") {
        match (&line["text"], &line["bytes"]) {
            (Value::String(text), _) => bytes.extend(text.bytes()),
            (_, Value::Array(raw)) => bytes.extend(raw.iter().map(|b| b.as_u64().unwrap() as u8)),
            _ => panic!("{line}"),
        }
    }
    assert_eq!(bytes, b"a\nb\xff\n");
    let result = lines.last().unwrap();
    assert_eq!(result["event"], "result");
    assert_eq!((&result["reason"], &result["code"], &result["exit"]), (&"exited".into(), &3.into(), &3.into()));
    assert!(result["signal"].is_null() && result["degraded"].is_array());
    assert!(result["usage"]["wall_us"].as_u64().is_some_and(|us| us > 0), "{result}");
    assert!(result["usage"]["cpu_us"].as_u64().is_some(), "{result}");
}

#[test]
fn reasons() {
    if !has_jail("reasons") {
        return;
    }
    for (args, code, reason) in [
        (&["--time", "200ms", "sleep", "30"][..], 124, "timeout"),
        (&["--cpu-time", "1s", "sh", "-c", "while :; do :; done"], 137, "cpu"),
        (&["--output", "1K", "sh", "-c", "while echo 0123456789; do :; done"], 137, "output"),
        (&["no-such-program-anywhere"], 127, "not-found"),
        (&["/usr"], 126, "not-executable"),
    ] {
        let done = nj(&[&["--json"], args].concat()).run().expect(code);
        let last = lines(&done).pop().unwrap();
        assert_eq!((&last["event"], &last["reason"]), (&"result".into(), &reason.into()), "{done:#?}");
        assert_eq!(last["exit"], code);
    }
}

#[test]
fn refusals_are_results_too() {
    for args in [&["--json", "--tasks", "0", "true"][..], &["--json", "--no-such-option", "true"], &["--json"]] {
        let done = nj(args).run().expect(125);
        let last = lines(&done).pop().unwrap();
        assert_eq!(
            (&last["event"], &last["reason"], &last["exit"]),
            (&"result".into(), &"refused".into(), &125.into())
        );
        assert!(last["error"]["message"].is_string() && last["error"]["fix"].is_string(), "{last}");
    }
}

#[test]
fn of_other_commands() {
    let done = nix_jail(&["capabilities", "--json"]).run().expect(0);
    let rows: Vec<Value> = serde_json::from_str(&done.stdout).unwrap();
    assert!(rows.iter().any(|row| row["feature"] == "no-network" && row["support"].is_string()));
    let done = nix_jail(&["doctor", "--json"]).run();
    let report: Value = serde_json::from_str(&done.stdout).unwrap();
    assert_eq!(report["ready"], done.code == 0);
    assert!(report["walls"].as_array().is_some_and(|walls| !walls.is_empty()), "{report}");
}
