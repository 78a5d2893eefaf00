//! What nix-jail says that would help does help: each hint is run.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;

use crate::bin::{Done, bash};
use crate::skip::{has_jail, skip};

fn program(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// Runs a line, which must fail with 127 and a hint, then the line with the hint's options in it.
fn follow(home: &Path, here: &Path, extra_path: &str, job: &str) -> (Done, Done) {
    let set_up = format!("PATH=\"$PATH:{extra_path}\"");
    let done = bash(&format!("{set_up}; nj -- {job}")).home(home).in_dir(here).run().expect(127);
    let line =
        done.stderr.lines().find(|line| line.contains("to let this job see")).unwrap_or_else(|| panic!("{done:#?}"));
    let options = line.split_once(":  ").unwrap().1;
    let (options, renamed) = match options.split_once(", and run it as ") {
        Some((options, job)) => (options, Some(job)),
        None => (options, done.stderr.lines().find_map(|line| line.trim().strip_prefix("and run it as  "))),
    };
    let job = renamed.unwrap_or(job);
    let hinted = bash(&format!("{set_up}; nj {options} -- {job}")).home(home).in_dir(here).run();
    (done, hinted)
}

#[test]
fn programs_in_the_callers_home() {
    if !has_jail("programs_in_the_callers_home") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let home = dir.path().join("ho me");
    for home in [dir.path(), &home] {
        let here = home.join("work");
        fs::create_dir_all(&here).unwrap();
        program(&home.join("tools/bin/nj-tool"), "#!/bin/sh\necho tool ran\n");
        program(&home.join(".local/share/x/run"), "#!/bin/sh\necho linked ran\n");
        fs::create_dir_all(home.join(".local/bin")).unwrap();
        symlink(home.join(".local/share/x/run"), home.join(".local/bin/nj-linked")).unwrap();
        program(&home.join("v/20/lib/real"), "#!/bin/sh\n. \"$(dirname \"$0\")/../lib/words\"\necho $words\n");
        fs::write(home.join("v/20/lib/words"), "words='neighbours ran'\n").unwrap();
        fs::create_dir_all(home.join("v/20/bin")).unwrap();
        symlink("../lib/real", home.join("v/20/bin/nj-prefix")).unwrap();
        for (dir, name, says) in [
            ("tools/bin", "nj-tool", "tool ran\n"),
            (".local/bin", "nj-linked", "linked ran\n"),
            ("v/20/bin", "nj-prefix", "neighbours ran\n"),
        ] {
            let extra = home.join(dir);
            let (first, hinted) = follow(home, &here, extra.to_str().unwrap(), name);
            assert!(first.stderr.starts_with(&format!("nix-jail: {name}: not found in the jail\n")), "{first:#?}");
            assert!(first.stderr.contains("under your home, which a jail does not see"), "{first:#?}");
            assert_eq!(hinted.stdout, says, "{first:#?}\n{hinted:#?}");
        }
    }
}

#[test]
fn programs_named_by_a_path() {
    if !has_jail("programs_named_by_a_path") {
        return;
    }
    let home = tempfile::tempdir().unwrap();
    let here = home.path().join("work");
    program(&here.join("x.sh"), "#!/bin/sh\necho script ran\n");
    program(&home.path().join("tools/y.sh"), "#!/bin/sh\necho other ran\n");
    let h = home.path().display();
    for (job, says) in [
        ("./x.sh".to_owned(), "script ran\n"),
        (format!("{h}/work/x.sh"), "script ran\n"),
        ("../tools/y.sh".to_owned(), "other ran\n"),
        (format!("{h}/tools/y.sh"), "other ran\n"),
    ] {
        let (first, hinted) = follow(home.path(), &here, "/nowhere", &job);
        assert_eq!(hinted.stdout, says, "{first:#?}\n{hinted:#?}");
    }
    let done = bash("nj -w . $PWD/x.sh").home(home.path()).in_dir(&here).run().expect(127);
    assert!(done.stderr.contains("in the jail it is  /workspace/x.sh"), "{done:#?}");
    let done = bash("nj -w . /workspace/x.sh").home(home.path()).in_dir(&here).run().expect(0);
    assert_eq!(done.stdout, "script ran\n");
    let done = bash("nj -w . ./x.sh").home(home.path()).in_dir(&here).run().expect(0);
    assert_eq!(done.stdout, "script ran\n");
}

#[test]
fn cargo_by_rustup() {
    if !has_jail("cargo_by_rustup") {
        return;
    }
    let Some(home) = std::env::var_os("HOME") else { return skip("rustup", "cargo_by_rustup", "no HOME") };
    let home = Path::new(&home);
    let is_rustup = home.join(".cargo/bin/cargo").exists() && home.join(".cargo/bin/rustup").exists();
    if !is_rustup || !home.join(".rustup").exists() || Path::new("/usr/bin/cargo").exists() {
        return skip("rustup", "cargo_by_rustup", "no cargo of rustup in the caller's home, or another in /usr");
    }
    let here = tempfile::tempdir().unwrap();
    let cargo = home.join(".cargo/bin");
    let (first, hinted) = follow(home, here.path(), cargo.to_str().unwrap(), "cargo --version");
    assert!(hinted.stdout.starts_with("cargo 1."), "{first:#?}\n{hinted:#?}");
}
