//! What can be said about a spec without looking at the machine.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Component, Path};
use std::time::Duration;

use crate::{ByteSize, Environment, Error, JobSpec, Limits, MountSource, MountSpec, Result, Root, WorkspaceSpec};

/// Places that are the jail's own: nothing may be mounted on them, below them or over them.
const RESERVED: [&str; 2] = ["/proc", "/dev"];

/// The place of the workspace.
const WORKSPACE: &str = "/workspace";

/// Checks every field that has an invariant of its own.
///
/// # Errors
/// [`Error::InvalidSpec`] that names the field.
pub(crate) fn validate(spec: &JobSpec) -> Result<()> {
    if spec.program.as_os_str().is_empty() {
        return Err(Error::invalid("program", "is empty", "name the command to run"));
    }
    no_nul("program", spec.program.as_os_str())?;
    for (i, arg) in spec.args.iter().enumerate() {
        no_nul(&format!("args[{i}]"), arg)?;
    }
    environment(&spec.env)?;
    if let Some(dir) = &spec.working_dir {
        plain_absolute("working_dir", dir)?;
    }
    if let Root::Dir(dir) = &spec.root {
        host_path("root", dir)?;
    }
    if let WorkspaceSpec::Dir { path, .. } = &spec.workspace {
        host_path("workspace", path)?;
    }
    mounts(&spec.mounts)?;
    limits(&spec.limits)
}

fn environment(env: &Environment) -> Result<()> {
    for (name, value) in env.iter() {
        let shown = name.to_string_lossy();
        let bytes = name.as_bytes();
        if bytes.is_empty() || bytes.iter().any(|b| matches!(b, 0 | b'\n' | b'=')) {
            return Err(Error::invalid(
                "env",
                format!("{shown:?} is not a variable's name"),
                "a name is not empty and has no '=', newline or NUL",
            ));
        }
        no_nul(&format!("env[{shown}]"), value)?;
    }
    Ok(())
}

fn mounts(mounts: &[MountSpec]) -> Result<()> {
    for (i, mount) in mounts.iter().enumerate() {
        let at = format!("mounts[{i}]");
        target(&mount.target).map_err(|e| e.within(&at))?;
        match &mount.source {
            MountSource::Host { path, .. } => host_path("source", path).map_err(|e| e.within(&at))?,
            MountSource::Tmpfs { size } => positive("size", size.map(ByteSize::as_u64)).map_err(|e| e.within(&at))?,
        }
        if let Some(j) = mounts[..i].iter().position(|other| other.target == mount.target) {
            let reason = format!("{} is the target of mounts[{j}] already", mount.target.display());
            return Err(Error::invalid(format!("{at}.target"), reason, "give each mount a target of its own"));
        }
        // A later mount over the parent of an earlier one would hide it.
        if let Some(j) = mounts[..i].iter().position(|other| other.target.starts_with(&mount.target)) {
            let reason = format!("{} would hide mounts[{j}] below it", mount.target.display());
            return Err(Error::invalid(format!("{at}.target"), reason, "name the outer mount first"));
        }
    }
    Ok(())
}

fn target(path: &Path) -> Result<()> {
    plain_absolute("target", path)?;
    let shown = path.display();
    if path == Path::new("/") {
        return Err(Error::invalid("target", "/ is the root itself", "choose what is at / with the root"));
    }
    if path == Path::new(WORKSPACE) {
        return Err(Error::invalid(
            "target",
            "/workspace is the workspace",
            "mount it as the workspace, or below /workspace",
        ));
    }
    match RESERVED.iter().find(|r| path.starts_with(r)) {
        Some(r) => Err(Error::invalid(
            "target",
            format!("{shown} lies in {r}, which is the jail's own"),
            "choose another target",
        )),
        None => Ok(()),
    }
}

/// A path in the jail: absolute, and spelt in the one way that needs no resolving.
fn plain_absolute(field: &str, path: &Path) -> Result<()> {
    no_nul(field, path.as_os_str())?;
    let shown = path.display();
    if !path.is_absolute() {
        return Err(Error::invalid(field, format!("{shown} is not absolute"), "a path in the jail starts with /"));
    }
    let plain = path.components().all(|c| matches!(c, Component::RootDir | Component::Normal(_)));
    // Components swallow `//`, `/./` and a trailing slash; a path that has them would be compared as what it is not.
    let respelt: std::path::PathBuf = path.components().collect();
    if !plain || respelt.as_os_str() != path.as_os_str() {
        return Err(Error::invalid(
            field,
            format!("{shown} is not in its plain form"),
            "write it without '..', '.', '//' and a final '/'",
        ));
    }
    Ok(())
}

fn host_path(field: &str, path: &Path) -> Result<()> {
    no_nul(field, path.as_os_str())?;
    if !path.is_absolute() {
        return Err(Error::invalid(
            field,
            format!("{} is not absolute", path.display()),
            "give the path on the host from / on",
        ));
    }
    Ok(())
}

fn limits(limits: &Limits) -> Result<()> {
    let Limits { wall_clock, cpu_time, cpu_rate, memory, tasks, disk, output, file_size, open_files } = limits;
    let nanos = |d: &Option<Duration>| d.map(|d| u64::try_from(d.as_nanos()).unwrap_or(0));
    let bytes = |b: &Option<ByteSize>| b.map(ByteSize::as_u64);
    for (field, value) in [
        ("limits.wall-clock", nanos(wall_clock)),
        ("limits.cpu-time", nanos(cpu_time)),
        ("limits.cpu-rate", cpu_rate.map(u64::from)),
        ("limits.memory", bytes(memory)),
        ("limits.tasks", tasks.map(u64::from)),
        ("limits.disk", bytes(disk)),
        ("limits.output", bytes(output)),
        ("limits.file-size", bytes(file_size)),
        ("limits.open-files", open_files.map(u64::from)),
    ] {
        positive(field, value)?;
    }
    Ok(())
}

fn positive(field: &str, value: Option<u64>) -> Result<()> {
    match value {
        Some(0) => {
            Err(Error::invalid(field, "is zero, or larger than can be counted", "give a limit of at least 1, or none"))
        }
        _ => Ok(()),
    }
}

fn no_nul(field: &str, s: &OsStr) -> Result<()> {
    match s.as_bytes().contains(&0) {
        true => Err(Error::invalid(field, "holds a NUL byte", "the kernel ends strings at NUL: take it out")),
        false => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Access;

    fn field_of(change: impl FnOnce(&mut JobSpec)) -> Option<String> {
        let mut spec = JobSpec::new("true");
        change(&mut spec);
        match validate(&spec) {
            Ok(()) => None,
            Err(Error::InvalidSpec { field, fix, .. }) => {
                assert!(fix.is_some(), "{field} has no fix");
                Some(field)
            }
            Err(other) => panic!("{other}"),
        }
    }

    #[test]
    fn an_error_names_the_field() {
        let volume = |t: &str| MountSpec::host("/srv", t, Access::ReadOnly);
        for (field, change) in [
            ("program", Box::new(|s: &mut JobSpec| s.program = "".into()) as Box<dyn FnOnce(&mut JobSpec)>),
            ("args[1]", Box::new(|s| s.args = vec!["a".into(), "b\0".into()])),
            ("env", Box::new(|s| s.env.set("A\nB", "x"))),
            ("env", Box::new(|s| s.env.set("A=B", "x"))),
            ("env[A]", Box::new(|s| s.env.set("A", "x\0"))),
            ("working_dir", Box::new(|s| s.working_dir = Some("tmp".into()))),
            ("root", Box::new(|s| s.root = Root::Dir("x".into()))),
            ("mounts[0].target", Box::new(move |s| s.mounts = vec![volume("/proc/self")])),
            ("mounts[0].target", Box::new(move |s| s.mounts = vec![volume("/")])),
            ("mounts[0].target", Box::new(move |s| s.mounts = vec![volume("/dev")])),
            ("mounts[0].target", Box::new(move |s| s.mounts = vec![volume("/a/../b")])),
            ("mounts[0].target", Box::new(move |s| s.mounts = vec![volume("/a//b")])),
            ("mounts[0].target", Box::new(move |s| s.mounts = vec![volume("/workspace")])),
            ("mounts[1].target", Box::new(move |s| s.mounts = vec![volume("/a"), volume("/a")])),
            ("mounts[1].target", Box::new(move |s| s.mounts = vec![volume("/a/b"), volume("/a")])),
            ("limits.tasks", Box::new(|s| s.limits.tasks = Some(0))),
            ("limits.wall-clock", Box::new(|s| s.limits.wall_clock = Some(Duration::MAX))),
        ] {
            assert_eq!(field_of(change).as_deref(), Some(field));
        }
    }

    #[test]
    fn ordinary_specs_pass() {
        assert_eq!(field_of(|_| {}), None);
        let nested = |s: &mut JobSpec| {
            s.mounts = vec![MountSpec::tmpfs("/a", None), MountSpec::host("/srv", "/a/b", Access::ReadOnly)];
        };
        assert_eq!(field_of(nested), None);
    }
}
