//! What makes no sense is refused: the message names the option and what to write instead, the exit code says that
//! nothing ran, and nothing is created.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::bin::{bash, nj};
use crate::skip::{has, has_jail, skip};

/// Runs a job that is to be refused in a directory with some traps in it, and looks at what is said.
#[track_caller]
fn refused(args: &[&str], code: i32, says: &[&str]) {
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("home");
    let here = home.join("here");
    fs::create_dir_all(&here).unwrap();
    traps(&here);
    let before = tree(dir.path());
    let done = nj(args).home(&home).in_dir(&here).run();
    let after = tree(dir.path());
    // So that an ordinary user can take it away again.
    fs::set_permissions(here.join("closed"), fs::Permissions::from_mode(0o700)).unwrap();
    assert_eq!(done.code, code, "{args:?}: {done:#?}");
    assert!(done.stderr.starts_with("nix-jail: "), "{args:?}: {done:#?}");
    for word in says {
        assert!(done.stderr.contains(word), "{args:?}: no {word:?} in:\n{}", done.stderr);
    }
    assert!(!done.stderr.contains('\x1b') && done.stdout.is_empty(), "{args:?}: {done:?}");
    assert_eq!(after, before, "{args:?} created something");
}

fn traps(dir: &Path) {
    symlink("loop", dir.join("loop")).unwrap();
    symlink("nowhere", dir.join("dangling")).unwrap();
    fs::write(dir.join("file"), "text").unwrap();
    fs::write(dir.join("good.env"), "A=1\n").unwrap();
    fs::write(dir.join("bad.env"), "A=1\n\n# fine\nB C=2\n").unwrap();
    fs::write(dir.join("nul.env"), "A\0B=1\n").unwrap();
    fs::write(dir.join("export.env"), "export A=1\n").unwrap();
    fs::create_dir(dir.join("sub")).unwrap();
    fs::create_dir(dir.join("closed")).unwrap();
    fs::set_permissions(dir.join("closed"), fs::Permissions::from_mode(0o0)).unwrap();
}

fn tree(dir: &Path) -> Vec<String> {
    let mut names = Vec::new();
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        names.push(entry.path().display().to_string());
        if entry.file_type().is_ok_and(|t| t.is_dir()) {
            names.extend(tree(&entry.path()));
        }
    }
    names.sort();
    names
}

#[test]
fn workspaces() {
    for (value, says) in [
        ("/", ["-w: / is this whole machine", "fix"]),
        ("../../home", ["is your home directory", "name the directory of the project"]),
        ("../..", ["holds your home directory", "fix"]),
        ("missing", ["-w: missing does not exist", "mkdir -p missing"]),
        ("loop", ["-w: loop is a symlink that leads back to itself", "fix"]),
        ("dangling", ["-w: dangling is a symlink to nothing", "fix"]),
        ("file", ["-w: file is not a directory", "fix"]),
        ("", ["-w: the path is empty", "fix"]),
        ("sub:rx", ["no mode \"rx\"", ":ro"]),
        ("sub:copy", ["this version", ":ro"]),
    ] {
        refused(&["-w", value, "true"], 125, &says);
    }
    refused(&["-w", "sub", "-w", "sub", "true"], 125, &["--workspace is given twice"]);
}

#[test]
fn an_unreadable_workspace() {
    if rustix::process::geteuid().is_root() {
        // Root reads everything; the same test runs as an ordinary user too.
        return;
    }
    refused(&["-w", "closed", "true"], 125, &["-w: closed cannot be read by you", "fix"]);
}

#[test]
fn mounts() {
    for (args, says) in [
        (["-v", "sub"], ["-v sub: there is no target in the jail", "-v sub:/somewhere:ro"]),
        (["-v", "missing:/m"], ["-v missing:/m: missing does not exist", "fix"]),
        (["-v", "loop:/m"], ["leads back to itself", "fix"]),
        (["-v", "sub:/m:rx"], ["no mode \"rx\"", ":ro"]),
        (["-v", "sub:m"], ["-v sub:m: m is not absolute", "fix"]),
        (["-v", "sub:/proc"], ["-v sub:/proc: /proc", "fix"]),
        (["-v", "sub:/proc/self"], ["/proc", "fix"]),
        (["-v", "sub:/dev/shm"], ["/dev", "fix"]),
        (["-v", "sub:/"], ["/ is the root itself", "fix"]),
        (["-v", "sub:/workspace"], ["is the workspace", "fix"]),
        (["-v", "sub:/a/../proc"], ["-v sub:/a/../proc: /a/../proc is not in its plain form", "fix"]),
        (["--tmpfs", "/t:size=0"], ["--tmpfs /t:size=0: \"0\" is not a size", "size=64M"]),
        (["--tmpfs", "/t:size=5X"], ["\"5X\" is not a size", "fix"]),
        (["--tmpfs", "/t:size=16777216T"], ["is not a size", "fix"]),
        (["--tmpfs", "/t:mode=1"], ["no option \"mode=1\"", "size="]),
        (["--tmpfs", "t"], ["--tmpfs t: t is not absolute", "fix"]),
        (["--root", "missing"], ["--root: missing does not exist", "fix"]),
        (["--root", "closure"], ["--root: this version has no root \"closure\"", "host"]),
        (["--root", "/"], ["--root: / is this whole machine", "--root host"]),
    ] {
        refused(&[args[0], args[1], "true"], 125, &says);
    }
    let twice = ["-v", "sub:/a", "--tmpfs", "/a", "true"];
    refused(&twice, 125, &["--tmpfs /a: /a is the target of -v sub:/a already", "fix"]);
    let hidden = ["-v", "sub:/a/b", "--tmpfs", "/a", "true"];
    refused(&hidden, 125, &["--tmpfs /a: /a would hide -v sub:/a/b below it", "name the outer mount first"]);
}

#[test]
fn limits() {
    for flag in ["--time", "--cpu-time", "--file-size", "--output", "--tasks", "--nofile"] {
        for value in ["0", "-1", "5x", "", "1.5", "99999999999999999999999"] {
            let named = format!("{flag}: \"{value}\"");
            refused(&[flag, value, "true"], 125, &[&named, "fix"]);
        }
        let missing = format!("{flag} was given no value");
        refused(&[flag], 125, &[&missing]);
    }
    refused(&["--time", "300000d", "true"], 125, &["--time: \"300000d\" is not a duration"]);
}

#[test]
fn variables() {
    for (args, says) in [
        (["-e", "=x"], ["-e: \"\" is not the name of a variable", "fix"]),
        (["-e", "A\nB=x"], ["-e: \"A\\nB\" is not the name of a variable", "fix"]),
        (["--env-file", "missing"], ["--env-file: missing", "fix"]),
        (["--env-file", "bad.env"], ["--env-file bad.env:4: \"B C\" is not the name", "fix"]),
        (["--env-file", "nul.env"], ["--env-file nul.env:1: \"A\\x00B\"", "fix"]),
        (["--env-file", "export.env"], ["export.env:1: \"export A\" is shell", "leave 'export' out"]),
    ] {
        refused(&[args[0], args[1], "true"], 125, &says);
    }
}

#[test]
fn names() {
    refused(&["--profile", "strcit", "true"], 125, &["no profile \"strcit\"", "did you mean --profile strict?"]);
    refused(&["--profile", "zzz", "true"], 125, &["one of default, strict, build"]);
    refused(&["--allow-degraded", "memroy", "true"], 125, &["no feature \"memroy\"", "--allow-degraded memory?"]);
    refused(&["--tsks", "5", "true"], 125, &["no option --tsks", "did you mean --tasks?"]);
    refused(&["-z", "true"], 125, &["no option -z", "--help"]);
    refused(&["--json=yes", "true"], 125, &["--json takes no value"]);
    refused(&["--name", "../x", "true"], 125, &["--name: \"../x\"", "fix"]);
    refused(&[], 125, &["no command was given", "nix-jail run ls"]);
    refused(&["--"], 125, &["no command was given"]);
    refused(&[""], 125, &["the command: is empty", "fix"]);
}

#[test]
fn names_of_others_are_shown_escaped() {
    let hostile = "\x1b]0;owned\x07\u{202e}x\r";
    let shown = "\\x1b]0;owned\\x07\\u{202e}x\\r";
    refused(&["-w", hostile, "true"], 125, &[shown]);
    refused(&["--profile", hostile, "true"], 125, &[shown]);
    refused(&["-v", &format!("sub:{hostile}"), "true"], 125, &[shown]);
    refused(&[&format!("--{hostile}"), "true"], 125, &[shown]);
    if has_jail("names_of_others_are_shown_escaped") {
        refused(&[hostile], 127, &[shown]);
    }
}

#[test]
fn programs() {
    if !has_jail("programs") {
        return;
    }
    refused(&["no-such-program-anywhere"], 127, &["no-such-program-anywhere: not found in the jail", "not in yours"]);
    refused(&["/usr/bin"], 126, &["/usr/bin", "directory"]);
    refused(&["-w", ".:ro", "./file"], 126, &["./file"]);
    refused(&["-w", ".:ro", "./sub"], 126, &["./sub", "directory"]);
    refused(&["-w", ".:ro", "./missing"], 127, &["./missing: not found in the jail"]);
}

#[test]
fn a_script_without_its_interpreter() {
    if !has_jail("a_script_without_its_interpreter") {
        return;
    }
    let done = bash("printf '#!/no/such/interpreter -x\\n' > s; chmod +x s; nj -w .:ro ./s").run();
    assert!(matches!(done.code, 126 | 127), "{done:#?}");
    assert!(done.stderr.contains("/no/such/interpreter"), "{done:#?}");
}

#[test]
fn arguments_that_are_too_long() {
    if !has_jail("arguments_that_are_too_long") {
        return;
    }
    // One variable may have 128 KiB; this one comes from a file, so that nix-jail itself can be started.
    let done =
        bash("{ printf A=; head -c 200000 /dev/zero | tr '\\0' x; } > big.env; nj --env-file big.env true").run();
    assert!(matches!(done.code, 125 | 126), "{done:#?}");
    assert!(
        done.stderr.starts_with("nix-jail: refused: the arguments: ") && done.stderr.contains("longer than"),
        "{done:#?}"
    );
}

#[test]
fn without_user_namespaces() {
    if !has("unshare", "without_user_namespaces") {
        return;
    }
    let inside = "echo 0 > /proc/sys/user/max_user_namespaces && exec nix-jail run true";
    let done = bash(&format!("exec unshare -Ur sh -c '{inside}'")).run();
    if !done.stderr.starts_with("nix-jail: ") {
        return skip("unshare", "without_user_namespaces", &done.stderr);
    }
    assert_eq!(done.code, 125, "{done:#?}");
    assert!(done.stderr.contains("user.max_user_namespaces"), "{done:#?}");
    assert!(done.stderr.contains("\n  fix   "), "{done:#?}");
}

#[test]
fn with_a_proc_that_is_masked_as_in_a_container() {
    let name = "with_a_proc_that_is_masked_as_in_a_container";
    if !has("unshare", name) {
        return;
    }
    let inside = "mount -t tmpfs none /proc/sys && exec nix-jail run true";
    let done = bash(&format!("exec unshare -Urm sh -c '{inside}'")).run();
    if done.code != 0 && !done.stderr.starts_with("nix-jail: ") {
        return skip("unshare", name, &done.stderr);
    }
    assert_eq!(done.code, 125, "{done:#?}");
    assert!(done.stderr.contains("/proc") && done.stderr.contains("\n  fix   "), "{done:#?}");
}
