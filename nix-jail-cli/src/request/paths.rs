//! Paths of the host that the caller grants.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use rustix::io::Errno;

use crate::caller::Caller;
use crate::output::{Failure, shown};

/// The object that a path names, its symlinks followed.
pub(crate) fn existing(flag: &str, typed: &Path, caller: &Caller) -> Result<PathBuf, Failure> {
    if typed.as_os_str().is_empty() {
        return Err(Failure::invalid(flag, "the path is empty", "name a path; . is this directory"));
    }
    let found = caller.absolute(typed).and_then(fs::canonicalize);
    found.map_err(|e| unusable(flag, typed, &e))
}

/// The same for what must be a directory that the caller can list.
pub(crate) fn directory(flag: &str, typed: &Path, caller: &Caller) -> Result<PathBuf, Failure> {
    let path = existing(flag, typed, caller)?;
    match fs::read_dir(&path) {
        Ok(_) => Ok(path),
        Err(e) => Err(unusable(flag, typed, &e)),
    }
}

/// The directory of `--root`.
pub(crate) fn root(typed: &OsStr, caller: &Caller) -> Result<PathBuf, Failure> {
    if typed == "closure" {
        let fix = "one of host, or a directory (./closure, if that is one)";
        return Err(Failure::invalid("--root", "this version has no root \"closure\"", fix));
    }
    let path = directory("--root", Path::new(typed), caller)?;
    refuse_home("--root", &path, caller)?;
    Ok(path)
}

/// A directory that holds the whole machine or all of the caller's files is no grant that anybody means.
pub(crate) fn refuse_home(flag: &str, path: &Path, caller: &Caller) -> Result<(), Failure> {
    let instead = match flag {
        "--root" => "--root host shows this machine's programs and no files of its users",
        _ => "name the directory of the project that the job is about",
    };
    if path == Path::new("/") {
        return Err(Failure::invalid(flag, "/ is this whole machine", instead));
    }
    let Some(home) = caller.home() else { return Ok(()) };
    let home = fs::canonicalize(home).unwrap_or_else(|_| home.to_owned());
    let shown = shown(path);
    if home == path {
        return Err(Failure::invalid(
            flag,
            &format!("{shown} is your home directory, with all that is in it"),
            instead,
        ));
    }
    if home.starts_with(path) {
        return Err(Failure::invalid(flag, &format!("{shown} holds your home directory"), instead));
    }
    Ok(())
}

fn unusable(flag: &str, typed: &Path, error: &io::Error) -> Failure {
    let path = shown(typed);
    let is_link = || fs::symlink_metadata(typed).is_ok_and(|m| m.is_symlink());
    let (reason, fix) = match error.raw_os_error().map(Errno::from_raw_os_error) {
        Some(Errno::NOENT) if is_link() => (format!("{path} is a symlink to nothing"), "mend the link".to_owned()),
        Some(Errno::NOENT) => (format!("{path} does not exist"), format!("make it first:  mkdir -p {path}")),
        Some(Errno::NOTDIR) => (format!("{path} is not a directory"), "name a directory".into()),
        Some(Errno::LOOP) => (format!("{path} is a symlink that leads back to itself"), "mend the link".into()),
        Some(Errno::ACCESS) => (format!("{path} cannot be read by you"), "ask its owner, or name another".into()),
        Some(Errno::NAMETOOLONG) => ("the path is too long".into(), "name it by a shorter path".into()),
        _ => (format!("{path}: {error}"), "name a path that can be opened".into()),
    };
    Failure::invalid(flag, &reason, fix)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn home_and_what_holds_it_are_refused() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap().join("home/me");
        fs::create_dir_all(home.join("project")).unwrap();
        let link = dir.path().join("link");
        symlink(&home, &link).unwrap();
        // Home by way of a symlink is home all the same.
        let caller = Caller::fake(&link, "", &home);
        let says = |path: &Path| refuse_home("-w", path, &caller).err().map(|f| f.message);
        assert!(says(&home).is_some_and(|m| m.contains("is your home directory")));
        assert!(says(home.parent().unwrap()).is_some_and(|m| m.contains("holds your home directory")));
        assert!(says(Path::new("/")).is_some_and(|m| m.contains("whole machine")));
        assert_eq!(says(&home.join("project")), None);
    }

    #[test]
    fn what_is_wrong_with_a_path_is_said() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        symlink("loop", at("loop")).unwrap();
        symlink("nowhere", at("dangling")).unwrap();
        fs::write(at("file"), "").unwrap();
        let caller = Caller::fake(dir.path(), "", dir.path());
        for (name, reason) in [
            ("loop", "leads back to itself"),
            ("dangling", "symlink to nothing"),
            ("file", "not a directory"),
            ("missing", "does not exist"),
            ("", "empty"),
        ] {
            let path = if name.is_empty() { PathBuf::new() } else { at(name) };
            let failure = directory("-w", &path, &caller).unwrap_err();
            assert!(failure.message.starts_with("-w: ") && failure.message.contains(reason), "{failure:?}");
            assert!(failure.fix.is_some());
        }
    }
}
