//! A second program behind the same walls.

use nix_jail_core::{Control, Error, Exec, Reason, Stdio, Stream};

use crate::support::jail;

fn shell(script: &str) -> Exec {
    let mut exec = Exec::new("/bin/sh");
    exec.args = vec!["-c".into(), script.into()];
    exec.env.insert("PATH".into(), "/usr/bin:/bin".into());
    exec
}

fn output() -> (Stdio, std::io::PipeReader) {
    let (ours, theirs) = std::io::pipe().expect("a pipe");
    let mut io = Stdio::default();
    io.stdout = Some(theirs.into());
    (io, ours)
}

fn read(mut from: std::io::PipeReader) -> String {
    let mut text = String::new();
    std::io::Read::read_to_string(&mut from, &mut text).expect("text");
    text
}

#[tokio::test]
async fn sees_what_the_first_one_made() {
    let job = jail()
        .command("sh")
        .args(["-c", "echo here > note; sleep 30"])
        .stdout(Stream::Null)
        .spawn()
        .await
        .expect("a job");
    let (io, ours) = output();
    let script = "while [ ! -s note ]; do sleep .01; done; cat note; pwd; id -un; ls /home 2>&1; exit 5";
    let second = job.process().exec(&shell(script), io).await.expect("a second program");
    let exit = second.wait().await.expect("its end");
    assert_eq!((exit.code, exit.reason), (Some(5), Reason::Exited));
    assert_eq!(read(ours), "here\n/workspace\njail\nls: cannot access '/home': No such file or directory\n");
    job.kill().await.expect("killed");
    assert_eq!(job.wait().await.expect("an end").reason, Reason::Cancelled);
}

#[tokio::test]
async fn ends_with_the_first_one() {
    let job = jail().command("sh").args(["-c", "sleep .3"]).spawn().await.expect("a job");
    let second = job.process().exec(&shell("sleep 30"), Stdio::default()).await.expect("a second program");
    job.wait().await.expect("an end");
    let exit = second.wait().await.expect("its end");
    assert_eq!(exit.reason, Reason::Cancelled, "{exit:?}");
}

#[tokio::test]
async fn is_signalled_alone() {
    let job = jail().command("sh").args(["-c", "sleep 30"]).spawn().await.expect("a job");
    let second = job.process().exec(&shell("sleep 30"), Stdio::default()).await.expect("a second program");
    second.control(Control::Signal(15)).await.expect("sent");
    assert_eq!(second.wait().await.expect("its end").signal, Some(15));
    job.process().usage().await.expect("the first one lives");
}

#[tokio::test]
async fn that_is_not_there_is_not_found() {
    let job = jail().command("sleep").arg("30").spawn().await.expect("a job");
    // The second one has no PATH to be looked up in.
    for program in ["/none", "true"] {
        let refused = job.process().exec(&Exec::new(program), Stdio::default()).await;
        assert!(matches!(refused, Err(Error::NotFound { .. })), "{refused:?}");
    }
}
