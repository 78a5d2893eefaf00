//! What people run first.

use std::fs;
use std::os::unix::fs::symlink;

use crate::bin::nj;
use crate::skip::{has, has_jail};

#[test]
fn language_runtimes() {
    for (program, args, says) in [
        ("python3", &["-c", "print(6*7)"][..], "42\n"),
        ("node", &["-e", "console.log(1)"], "1\n"),
        ("perl", &["-MPOSIX", "-e", "print 1"], "1"),
        ("git", &["--version"], "git version "),
    ] {
        if has(program, "language_runtimes") {
            let done = nj(&[program]).args(args).run().expect(0);
            assert!(done.stdout.starts_with(says) && done.stderr.is_empty(), "{program}: {done:#?}");
        }
    }
}

#[test]
fn a_curious_shell() {
    if !has("bash", "a_curious_shell") {
        return;
    }
    let done = nj(&["bash", "-c", "ls /; id -un; cat /etc/shadow; ls /home /root; kill -9 -1; echo alone"]).run();
    let done = done.expect(0);
    let lines: Vec<&str> = done.stdout.lines().collect();
    let root = &lines[..lines.len() - 2];
    assert_eq!(&lines[lines.len() - 2..], ["jail", "alone"], "{done:#?}");
    assert!(root.contains(&"usr") && root.contains(&"workspace"), "{done:#?}");
    for hidden in ["home", "root", "var", "run", "mnt", "opt", "srv", "sys", "boot"] {
        assert!(!root.contains(&hidden), "/{hidden} is in view: {done:#?}");
    }
    assert_eq!(done.stderr.matches("No such file or directory").count(), 3, "{done:#?}");
}

#[test]
fn another_root() {
    if !has("busybox", "another_root") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("bin")).unwrap();
    let busybox = ["/bin/busybox", "/usr/bin/busybox"].into_iter().find(|path| fs::exists(path).unwrap());
    fs::copy(busybox.unwrap(), dir.path().join("bin/busybox")).unwrap();
    symlink("busybox", dir.path().join("bin/ls")).unwrap();
    fs::write(dir.path().join("marker"), "").unwrap();
    let done = nj(&["--root", dir.path().to_str().unwrap(), "ls", "/"]).run().expect(0);
    for name in ["bin", "marker", "proc", "dev", "tmp", "workspace"] {
        assert!(done.stdout.lines().any(|line| line == name), "{name}: {done:#?}");
    }
    assert!(!done.stdout.contains("usr"), "{done:#?}");
}

#[test]
fn the_path_has_what_is_mounted() {
    if !has_jail("the_path_has_what_is_mounted") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let tools = dir.path().join("tools");
    fs::create_dir(&tools).unwrap();
    let t = tools.display();
    let mount = format!("{t}:{t}:ro");
    let path_with =
        |path: String| nj(&["-v", &mount, "sh", "-c", "echo $PATH"]).env("PATH", path).run().expect(0).stdout;
    let own = nj(&["sh", "-c", "echo $PATH"]).run().expect(0).stdout;
    assert_eq!(path_with("/usr/bin:/bin".into()), own, "it is not in the caller's PATH");
    assert_eq!(path_with(format!("{t}:/opt/other:/usr/bin")), format!("{t}:{own}"));
    assert_eq!(path_with(format!("/usr/bin:{t}")), format!("{}:{t}\n", own.trim()));
}

#[test]
fn a_terminal_is_named() {
    if !has("script", "a_terminal_is_named") {
        return;
    }
    let echo = "nix-jail run -- sh -c 'echo [${TERM-none}]'";
    let script = format!("script -qec {} /dev/null", crate::bin::quoted(echo));
    let done = crate::bin::bash(&script).env("TERM", "screen-256color").run().expect(0);
    assert_eq!(done.stdout.trim(), "[screen-256color]");
    let done = crate::bin::bash(echo).env("TERM", "screen-256color").run().expect(0);
    assert_ne!(done.stdout.trim(), "[screen-256color]", "there is no terminal");
}
