//! Most people are not root. As root, the integration tests that were built run a second time as nobody in
//! particular: another uid, no groups, an empty environment, a home of its own.

use super::Report;
use super::skips::{Ledger, Require, Skip};
use super::suites::{Built, TestBinary};
use crate::Result;
use crate::proc::Cmd;
use crate::scratch::Scratch;
use crate::tools;
use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What `--require` calls it.
pub(crate) const NAME: &str = "ordinary-user";

const UID: u32 = 65534;

/// For one test binary, all its tests.
const LIMIT: Duration = Duration::from_secs(20 * 60);

/// A command that will run, as its arguments say, as an ordinary user.
pub(crate) fn ordinary() -> Cmd {
    let id = UID.to_string();
    Cmd::new("setpriv").args(["--reuid", &id, "--regid", &id, "--clear-groups", "--"])
}

/// Copies the binaries to where that user can reach them (a checkout often lies under root's home) and runs them.
pub(crate) fn tests(
    scratch: &Scratch,
    built: &Built,
    ledger: &Ledger,
    require: &Require,
    report: &mut Report,
) -> Result {
    if tools::which("setpriv").is_none() {
        report.skip(Skip::new(NAME, "setpriv is not here, so root cannot become an ordinary user"));
        return Ok(());
    }
    let bin = scratch.dir("bin", 0o755)?;
    let examples = scratch.dir("bin/examples", 0o755)?;
    let copied = Built {
        tests: built.tests.iter().enumerate().map(|(at, test)| copy_test(test, at, &bin)).collect::<Result<_>>()?,
        cli: built.cli.as_deref().map(|cli| copy(cli, &bin, "nix-jail")).transpose()?,
        examples: built.examples.iter().map(|path| copy_example(path, &examples)).collect::<Result<_>>()?,
    };
    let home = owned(scratch, "home")?;
    let tmp = owned(scratch, "tmp")?;
    let vars = [environment(&home, &tmp), ledger.vars(require), copied.vars()].concat();
    for test in &copied.tests {
        let cmd = ordinary().args([&test.path]).env_clear().envs(&vars).cwd(&tmp).limit(LIMIT);
        report.count(&format!("{} as uid {UID}", test.name), cmd.tee());
    }
    if copied.tests.is_empty() {
        println!("   no integration tests yet");
    }
    let left: Vec<String> = names(&tmp);
    if !left.is_empty() {
        report.fail(&format!("tests as uid {UID} left in $TMPDIR: {}", left.join(" ")));
    }
    Ok(())
}

fn copy_test(test: &TestBinary, at: usize, bin: &Path) -> Result<TestBinary> {
    let path = copy(&test.path, bin, &format!("test-{at}"))?;
    Ok(TestBinary { name: test.name.clone(), path })
}

fn copy_example(path: &Path, dir: &Path) -> Result<PathBuf> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    copy(path, dir, &name)
}

fn copy(from: &Path, dir: &Path, name: &str) -> Result<PathBuf> {
    let to = dir.join(name);
    let copied = fs::copy(from, &to).and_then(|_| fs::set_permissions(&to, Permissions::from_mode(0o755)));
    copied.map_err(|error| format!("copying {} to {}: {error}", from.display(), to.display()))?;
    Ok(to)
}

/// A directory that belongs to the ordinary user alone.
fn owned(scratch: &Scratch, name: &str) -> Result<PathBuf> {
    let dir = scratch.dir(name, 0o700)?;
    chown(&dir, Some(UID), Some(UID)).map_err(|error| format!("{}: {error}", dir.display()))?;
    Ok(dir)
}

/// Nothing of root's: a variable that points into root's home would be tested instead of the program.
fn environment(home: &Path, tmp: &Path) -> Vec<(String, OsString)> {
    let text = |key: &str, value: &str| (key.to_owned(), OsString::from(value));
    vec![
        text("PATH", "/usr/local/bin:/usr/bin:/bin"),
        text("LANG", "C.UTF-8"),
        text("RUST_BACKTRACE", "1"),
        ("HOME".to_owned(), home.into()),
        ("TMPDIR".to_owned(), tmp.into()),
    ]
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_of_the_caller_is_in_the_environment() {
        let vars = environment(Path::new("/h"), Path::new("/t"));
        let keys: Vec<&str> = vars.iter().map(|(key, _)| key.as_str()).collect();
        assert_eq!(keys, ["PATH", "LANG", "RUST_BACKTRACE", "HOME", "TMPDIR"]);
    }

    #[test]
    fn copies_are_for_everyone() {
        let scratch = Scratch::new().expect("a scratch directory");
        let from = scratch.path().join("from");
        fs::write(&from, "x").expect("a file");
        fs::set_permissions(&from, Permissions::from_mode(0o600)).expect("our own file");
        let to = copy(&from, &scratch.dir("bin", 0o755).expect("a directory"), "to").expect("a copy");
        assert_eq!(fs::metadata(to).expect("the copy").permissions().mode() & 0o777, 0o755);
        assert!(copy(&scratch.path().join("none"), scratch.path(), "to").is_err());
    }
}
