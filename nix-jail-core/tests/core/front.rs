//! The front for people: `Jail::command`.

use std::io::{Read, Write};
use std::time::Duration;

use nix_jail_core::fake::{Fake, Program};
use nix_jail_core::{Access, ByteSize, Feature, MountSpec, Profile, Reason, Root, Stream, WorkspaceSpec};
use tokio::io::AsyncReadExt;

#[tokio::test]
async fn output_is_collected() {
    let fake = Fake::new();
    fake.program(|_| Program::exits(3).prints("out").complains("err"));
    let output = fake.jail().command("x").output().await.expect("a run");
    assert_eq!((output.stdout.as_slice(), output.stderr.as_slice()), (&b"out"[..], &b"err"[..]));
    assert_eq!(output.exit.code, Some(3));
    assert!(!output.exit.success());
}

#[tokio::test]
async fn streams_go_where_they_are_sent() {
    let fake = Fake::new();
    fake.program(|_| Program::exits(0).prints("out").complains("err"));
    let jail = fake.jail();

    let (mut ours, theirs) = std::io::pipe().expect("a pipe");
    let output =
        jail.command("x").stdout(Stream::Fd(theirs.into())).stderr(Stream::Null).output().await.expect("a run");
    assert!(output.stdout.is_empty() && output.stderr.is_empty());
    let mut got = String::new();
    ours.read_to_string(&mut got).expect("the pipe");
    assert_eq!(got, "out");

    let mut job = jail.command("x").stdout(Stream::Piped).stderr(Stream::Null).spawn().await.expect("a start");
    let mut got = String::new();
    job.stdout.take().expect("asked for").read_to_string(&mut got).await.expect("the pipe");
    assert_eq!(got, "out");
    assert!(job.stderr.is_none() && job.stdin.is_none());
    assert!(job.wait().await.expect("an end").success());
}

#[tokio::test]
async fn stdin_is_closed_when_the_end_is_waited_for() {
    let fake = Fake::new();
    fake.program(|_| Program::exits(0));
    let (_ours, mut theirs) = std::io::pipe().expect("a pipe");
    theirs.write_all(b"x").expect("the pipe");
    let mut command = fake.jail().command("cat");
    assert!(command.stdin(Stream::Piped).status().await.expect("an end").success());
}

#[test]
fn every_method_reaches_the_spec() {
    let jail = Fake::new().jail();
    let mut command = jail.command("python3");
    command.arg("-c").args(["a", "b"]).env("K", "V").current_dir("/tmp").root(Root::Dir("/r".into()));
    command.workspace("/w", Access::ReadWrite).mount(MountSpec::tmpfs("/t", None)).profile(Profile::Build);
    command.time(Duration::from_secs(1)).cpu_time(Duration::from_secs(2)).tasks(3).output_limit(ByteSize::mib(4));
    command.allow_degraded(Feature::Tasks);
    let spec = command.spec().clone();
    assert_eq!(spec.args, ["-c", "a", "b"]);
    assert_eq!(spec.env.get("K"), Some("V".as_ref()));
    assert_eq!((spec.root, spec.profile), (Root::Dir("/r".into()), Profile::Build));
    assert_eq!(spec.workspace, WorkspaceSpec::Dir { path: "/w".into(), access: Access::ReadWrite });
    assert_eq!(spec.working_dir.as_deref(), Some("/tmp".as_ref()));
    let limits = spec.limits;
    assert_eq!((limits.wall_clock, limits.cpu_time), (Some(Duration::from_secs(1)), Some(Duration::from_secs(2))));
    assert_eq!((limits.tasks, limits.output), (Some(3), Some(ByteSize::mib(4))));
    assert_eq!((spec.mounts.len(), spec.may_degrade.contains(&Feature::Tasks)), (1, true));
}

#[tokio::test]
async fn a_limit_is_a_reason() {
    let fake = Fake::new();
    fake.program(|_| Program::reaches(Feature::CpuTime));
    let exit = fake.jail().command("x").status().await.expect("an end");
    assert_eq!(exit.reason, Reason::LimitReached(Feature::CpuTime));
    assert_eq!(exit.reason.to_string(), "cpu");
}
