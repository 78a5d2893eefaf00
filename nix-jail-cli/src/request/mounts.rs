//! `-w`, `-v` and `--tmpfs`.

use std::ffi::{OsStr, OsString};
use std::os::unix::ffi::{OsStrExt, OsStringExt};
use std::path::{Path, PathBuf};

use nix_jail::{Access, MountSpec, WorkspaceSpec};

use super::paths;
use crate::args::MountFlag;
use crate::caller::Caller;
use crate::output::{Failure, shown};

/// `DIR[:ro|:rw]`
pub(crate) fn workspace(value: &OsStr, caller: &Caller) -> Result<WorkspaceSpec, Failure> {
    let (dir, access) = access(value);
    let found = paths::directory("-w", Path::new(&dir), caller);
    let path = found.map_err(|missing| match rsplit(&dir) {
        // A path may hold a colon: only where there is no such path is it a mode that is not known.
        Some((_, mode)) if !mode.as_bytes().contains(&b'/') => unknown_access("-w", &mode),
        _ => missing,
    })?;
    Ok(WorkspaceSpec::Dir { path, access: access.unwrap_or(Access::ReadWrite) })
}

/// One `-v` or `--tmpfs`; `typed` is all of it, for errors.
pub(crate) fn mount(flag: MountFlag, value: &OsStr, typed: &str, caller: &Caller) -> Result<MountSpec, Failure> {
    match flag {
        MountFlag::Volume => volume(value, typed, caller),
        MountFlag::Tmpfs => tmpfs(value, typed),
    }
}

/// `SRC:DST[:ro|:rw]`
fn volume(value: &OsStr, typed: &str, caller: &Caller) -> Result<MountSpec, Failure> {
    let (places, access) = access(value);
    let Some((source, target)) = rsplit(&places) else {
        let fix = format!("-v {0}:/somewhere:ro, or -v {0}:/somewhere to let the job write", shown(&places));
        return Err(Failure::invalid(typed, "there is no target in the jail", fix));
    };
    if !target.as_bytes().starts_with(b"/") && rsplit(&source).is_some() {
        return Err(unknown_access(typed, &target));
    }
    let source = paths::existing(typed, Path::new(&source), caller)?;
    Ok(MountSpec::host(source, plain(target), access.unwrap_or(Access::ReadWrite)))
}

/// `DST[:size=N]`
fn tmpfs(value: &OsStr, typed: &str) -> Result<MountSpec, Failure> {
    let Some((target, option)) = rsplit(value) else { return Ok(MountSpec::tmpfs(plain(value.to_owned()), None)) };
    let Some(size) = option.as_bytes().strip_prefix(b"size=") else {
        let reason = format!("there is no option \"{}\" of a tmpfs", shown(&option));
        return Err(Failure::invalid(typed, &reason, format!("--tmpfs {}:size=64M", shown(&target))));
    };
    let text = shown(OsStr::from_bytes(size));
    let size = text.parse().map_err(|_| {
        let reason = format!("\"{text}\" is not a size");
        Failure::invalid(typed, &reason, "a size is a whole number and K, M, G or T (binary):  size=64M")
    })?;
    Ok(MountSpec::tmpfs(plain(target), Some(size)))
}

/// Splits off a known mode.
fn access(value: &OsStr) -> (OsString, Option<Access>) {
    match rsplit(value) {
        Some((rest, mode)) if mode == "ro" => (rest, Some(Access::ReadOnly)),
        Some((rest, mode)) if mode == "rw" => (rest, Some(Access::ReadWrite)),
        _ => (value.to_owned(), None),
    }
}

fn unknown_access(typed: &str, mode: &OsStr) -> Failure {
    let reason = match mode.to_str() {
        Some("copy") => "this version has no workspace that is a copy".to_owned(),
        _ => format!("there is no mode \"{}\"", shown(mode)),
    };
    Failure::invalid(typed, &reason, "one of :ro (read-only) and :rw")
}

/// Splits at the last colon.
fn rsplit(value: &OsStr) -> Option<(OsString, OsString)> {
    let bytes = value.as_bytes();
    let at = bytes.iter().rposition(|b| *b == b':')?;
    let part = |bytes: &[u8]| OsString::from_vec(bytes.to_vec());
    Some((part(&bytes[..at]), part(&bytes[at + 1..])))
}

/// A target without the slash that completion leaves at its end.
fn plain(target: OsString) -> PathBuf {
    let mut bytes = target.into_vec();
    while bytes.len() > 1 && bytes.ends_with(b"/") {
        bytes.pop();
    }
    PathBuf::from(OsString::from_vec(bytes))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use nix_jail::MountSource;

    use super::*;

    fn here(dir: &Path) -> Caller {
        Caller::fake(Path::new("/home/me"), "", dir)
    }

    #[test]
    fn workspaces() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap();
        fs::create_dir(real.join("a:b")).unwrap();
        let read = |value: &str| workspace(OsStr::new(value), &here(&real));
        for (value, name, access) in [
            (".", "", Access::ReadWrite),
            (".:ro", "", Access::ReadOnly),
            ("a:b", "a:b", Access::ReadWrite),
            ("a:b:rw", "a:b", Access::ReadWrite),
        ] {
            let path: PathBuf = real.join(name).components().collect();
            assert_eq!(read(value).unwrap(), WorkspaceSpec::Dir { path, access }, "{value}");
        }
        assert!(read(".:rx").unwrap_err().message.contains("there is no mode \"rx\""));
        assert!(read(".:copy").unwrap_err().message.contains("this version"));
        assert!(read("nowhere").unwrap_err().message.contains("does not exist"));
    }

    #[test]
    fn volumes() {
        let dir = tempfile::tempdir().unwrap();
        let real = dir.path().canonicalize().unwrap();
        let read = |value: &str| volume(OsStr::new(value), &format!("-v {value}"), &here(&real));
        let host = |access| MountSpec::host(&real, "/data", access);
        assert_eq!(read(".:/data").unwrap(), host(Access::ReadWrite));
        assert_eq!(read(".:/data/:ro").unwrap(), host(Access::ReadOnly));
        for (value, reason) in [
            (".", "no target"),
            (".:ro", "no target"),
            (".:/data:rx", "no mode \"rx\""),
            ("nowhere:/data", "does not exist"),
            (":/data", "empty"),
        ] {
            let failure = read(value).unwrap_err();
            assert!(failure.message.contains(reason) && failure.fix.is_some(), "{failure:?}");
        }
    }

    #[test]
    fn tmpfs_sizes() {
        let read = |value: &str| tmpfs(OsStr::new(value), "--tmpfs x");
        assert!(matches!(read("/t").unwrap().source, MountSource::Tmpfs { size: None }));
        let sized = read("/t:size=64M").unwrap();
        assert_eq!(sized, MountSpec::tmpfs("/t", Some(nix_jail::ByteSize::mib(64))));
        assert!(read("/t:size=0").unwrap_err().message.contains("not a size"));
        assert!(read("/t:mode=1777").unwrap_err().message.contains("no option"));
    }
}
