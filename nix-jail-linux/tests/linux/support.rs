//! What the tests share.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use nix_jail_core::Jail;

/// Names the part that a copy of this test binary is to play.
const PART: &str = "NIX_JAIL_TEST_PART";

pub(crate) fn jail() -> Jail {
    Jail::new(nix_jail_linux::platform(false))
}

/// Whether this process is a copy that was made to play a part, and which.
pub(crate) fn part() -> Option<String> {
    std::env::var(PART).ok()
}

/// A copy of this test binary that runs only the test `name`, in which [`part`] then says `part`; started by the command
/// line `before`, if there is one (`unshare -Ur ..`).
#[expect(clippy::disallowed_methods, reason = "this is the tests' module for it")]
pub(crate) fn copy(before: &[&str], name: &str, part: &str) -> Command {
    let own: PathBuf = std::env::current_exe().expect("a test knows its own path");
    let mut command = match before.split_first() {
        Some((program, args)) => {
            let mut command = Command::new(program);
            command.args(args).arg(own);
            command
        }
        None => Command::new(own),
    };
    command.args(["--exact", name, "--nocapture", "--test-threads=1"]).env(PART, part);
    command
}

/// Waits until `done`, for some seconds at most.
pub(crate) fn eventually(what: &str, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(10);
    while !done() {
        assert!(Instant::now() < until, "{what}: not within 10 s");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Whether any process on this machine has `mark` among its arguments. (A job of another user namespace cannot be read by
/// an ordinary user in every detail, but its command line can. It is empty for a moment after the program was executed.)
pub(crate) fn runs(mark: &str) -> bool {
    let own = std::process::id().to_string();
    std::fs::read_dir("/proc").expect("/proc").flatten().any(|entry| {
        let name = entry.file_name();
        let is_process = name.to_str().is_some_and(|n| n.bytes().all(|b| b.is_ascii_digit()) && n != own);
        let cmdline = || std::fs::read(entry.path().join("cmdline")).unwrap_or_default();
        is_process && cmdline().split(|b| *b == 0).any(|arg| arg == mark.as_bytes())
    })
}

/// A word that no other test uses.
pub(crate) fn mark(name: &str) -> String {
    format!("{name}-{}-{:?}", std::process::id(), Instant::now()).replace(|c: char| !c.is_ascii_alphanumeric(), "")
}

/// Says that a test did not run, where `cargo xtask test` counts it.
pub(crate) fn skip(name: &str, reason: &str) {
    let line = format!("SKIPPED {name}: {reason}");
    println!("{line}");
    if let Some(file) = std::env::var_os("NIX_JAIL_SKIPS") {
        let mut file = std::fs::OpenOptions::new().append(true).create(true).open(file).expect("the runner made it");
        std::io::Write::write_all(&mut file, format!("{line}\n").as_bytes()).expect("the runner's file can be written");
    }
}
