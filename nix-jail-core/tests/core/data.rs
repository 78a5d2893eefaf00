//! A spec is data: it can be stored, sent and shown.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use nix_jail_core::fake::Fake;
use nix_jail_core::{
    Access, Attachment, ByteSize, Environment, Exit, Fact, Feature, JobId, JobSpec, MountSpec, NetworkConfig, Profile,
    Reason, Root, Usage, Workspace, WorkspaceSpec,
};

fn odd() -> OsString {
    OsString::from_vec(b"\xff\xfe \n\x1b[31m $(id) %s".to_vec())
}

fn full() -> JobSpec {
    let mut spec = JobSpec::new(odd());
    spec.id = Some(JobId::new("build-7").expect("an id"));
    spec.root = Root::Dir("/srv/root".into());
    spec.args = vec!["plain".into(), odd(), OsString::new()];
    spec.env = [("A".into(), odd()), (odd(), "b".into())].into_iter().collect::<Environment>();
    spec.working_dir = Some(odd().into());
    spec.workspace = WorkspaceSpec::Dir { path: odd().into(), access: Access::ReadWrite };
    spec.mounts = vec![
        MountSpec::host(odd(), "/in", Access::ReadOnly),
        MountSpec::tmpfs("/t", Some(ByteSize::mib(1))),
        MountSpec::tmpfs(odd(), None),
    ];
    spec.limits.wall_clock = Some(Duration::from_millis(1500));
    spec.limits.memory = Some(ByteSize::mib(512));
    spec.limits.tasks = Some(100);
    spec.profile = Profile::Strict;
    spec.may_degrade = BTreeSet::from([Feature::Memory, Feature::Disk]);
    spec
}

#[test]
fn a_spec_survives_json() {
    for spec in [JobSpec::new("true"), full()] {
        let json = serde_json::to_string(&spec).expect("serializes");
        let back: JobSpec = serde_json::from_str(&json).expect("reads back");
        assert_eq!(serde_json::to_string(&back).expect("serializes"), json);
        assert_eq!((&back.program, &back.args, &back.env), (&spec.program, &spec.args, &spec.env));
        assert_eq!(
            (&back.workspace, &back.mounts, &back.working_dir),
            (&spec.workspace, &spec.mounts, &spec.working_dir)
        );
        assert_eq!((&back.limits, &back.may_degrade, &back.id), (&spec.limits, &spec.may_degrade, &spec.id));
    }
}

#[test]
fn what_is_text_is_written_as_text() {
    let mut spec = JobSpec::new("python3");
    spec.args = vec!["-c".into()];
    spec.env.set("LANG", "C");
    let json = serde_json::to_value(&spec).expect("serializes");
    assert_eq!(json["program"], "python3");
    assert_eq!(json["args"], serde_json::json!(["-c"]));
    assert_eq!(json["env"], serde_json::json!([["LANG", "C"]]));
}

#[test]
fn only_the_program_must_be_there() {
    let spec: JobSpec = serde_json::from_str(r#"{"program": "true"}"#).expect("a spec");
    assert_eq!((spec.root, spec.limits.tasks), (Root::Host, None));
    serde_json::from_str::<JobSpec>("{}").expect_err("no program");
}

#[test]
fn what_is_not_known_is_not_ignored() {
    for unknown in [
        r#"{"program": "x", "limit": {}}"#,
        r#"{"program": "x", "limits": {"cpu_time": {"secs": 1, "nanos": 0}}}"#,
        r#"{"program": "x", "limits": {"energy": 1}}"#,
        r#"{"program": "x", "network": "all"}"#,
        r#"{"program": "x", "may_degrade": ["walls"]}"#,
        r#"{"program": "x", "id": "../x"}"#,
        r#"{"program": "x", "workspace": {"dir": {"path": "/", "access": "read-only", "nosuid": false}}}"#,
        r#"{"program": "x", "mounts": [{"source": {"tmpfs": {"size": null}}, "target": "/t", "suid": true}]}"#,
        r#"{"program": "x", "mounts": [{"source": {"tmpfs": {"size": null, "exec": true}}, "target": "/t"}]}"#,
    ] {
        serde_json::from_str::<JobSpec>(unknown).expect_err(unknown);
    }
}

#[test]
fn debug_output_shows_no_value_of_a_variable() {
    const SECRET: &str = "hunter2";
    let mut spec = JobSpec::new("true");
    spec.env.set("TOKEN", SECRET);
    let jail = Fake::new().jail();
    let mut command = jail.command("true");
    command.env("TOKEN", SECRET);
    let mut workspace = Workspace::default();
    workspace.env.insert("TOKEN".into(), SECRET.into());
    let mut network = NetworkConfig::new(Attachment::None);
    network.env.insert("TOKEN".into(), SECRET.into());
    for shown in [
        format!("{spec:?}"),
        format!("{spec:#?}"),
        format!("{command:?}"),
        format!("{workspace:?}"),
        format!("{network:?}"),
        format!("{:?}", jail.admit(spec).expect("admitted")),
    ] {
        assert!(shown.contains("TOKEN") && !shown.contains(SECRET), "{shown}");
    }
}

#[test]
fn facts_and_exits_are_json() {
    let admitted = serde_json::to_string(&Fact::Admitted).expect("serializes");
    assert_eq!(admitted, r#"{"event":"admitted"}"#);
    let exit = Exit::new(Reason::LimitReached(Feature::CpuTime), None, Some(9), Usage::default());
    let json = serde_json::to_value(Fact::Exited(exit)).expect("serializes");
    assert_eq!(json["event"], "exited");
    assert_eq!((&json["reason"], &json["signal"], &json["code"]), (&"cpu".into(), &9.into(), &serde_json::Value::Null));
}
