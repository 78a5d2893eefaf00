//! A program that the jail does not have is often on this machine: where, and what would let the job see it.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use nix_jail::{JobSpec, MountSource, Root, WorkspaceSpec};

use super::grants;
use crate::caller::Caller;
use crate::output::shown;

/// What a jail on this machine's programs does not show.
const HIDDEN: [&str; 8] = ["/home", "/root", "/var", "/run", "/mnt", "/opt", "/srv", "/tmp"];

/// Where the workspace lies in a jail.
const WORKSPACE: &str = "/workspace";

/// Lines that help with a program which was not found.
pub(crate) fn hints(spec: &JobSpec, caller: &Caller) -> Vec<String> {
    let name = spec.program.as_os_str();
    match spec.program.components().count() {
        1 if !spec.program.is_absolute() && !shown(name).contains('/') => bare(name, spec, caller),
        _ => by_path(&spec.program, spec, caller),
    }
}

/// Lines that help with a program that is there and cannot be executed: most often its interpreter is not.
pub(crate) fn interpreter(spec: &JobSpec, caller: &Caller) -> Vec<String> {
    let Some(script) = on_the_host(&spec.program, spec) else { return Vec::new() };
    let Some(interpreter) = grants::interpreter(&script).filter(|path| !in_view(path, spec)) else { return Vec::new() };
    let mut lines = vec![format!("its first line names {}", shown(&interpreter))];
    if is_program(&interpreter) {
        lines.extend(offer(&interpreter, spec, caller));
    }
    lines
}

/// What a path in the jail is on the host, where it lies in something that was mounted.
fn on_the_host(program: &Path, spec: &JobSpec) -> Option<PathBuf> {
    let start = spec.working_dir.as_deref().unwrap_or(Path::new(WORKSPACE));
    let inside = normal(&start.join(program));
    let workspace = match &spec.workspace {
        WorkspaceSpec::Dir { path, .. } => Some((Path::new(WORKSPACE), path)),
        _ => None,
    };
    let volumes = spec.mounts.iter().filter_map(|mount| match &mount.source {
        MountSource::Host { path, .. } => Some((mount.target.as_path(), path)),
        _ => None,
    });
    // An inner mount hides what an outer one has at its place.
    let over = volumes.chain(workspace).filter(|(target, _)| inside.starts_with(target));
    let (target, source) = over.max_by_key(|(target, _)| target.components().count())?;
    Some(source.join(inside.strip_prefix(target).ok()?))
}

fn bare(name: &OsStr, spec: &JobSpec, caller: &Caller) -> Vec<String> {
    let Some(found) = caller.path().map(|dir| dir.join(name)).find(|file| is_program(file)) else {
        return vec!["it is not in the PATH of the jail, and not in yours".into()];
    };
    if in_view(&found, spec) {
        return vec![format!(
            "the jail has it at {}, which is not in the job's PATH: name it by that path",
            shown(&found)
        )];
    }
    let mut lines = vec![format!("it exists on this machine at {}{}", shown(&found), whereabouts(&found, caller))];
    lines.extend(offer(&found, spec, caller));
    lines
}

fn by_path(program: &Path, spec: &JobSpec, caller: &Caller) -> Vec<String> {
    let found = caller.absolute(program).map(|path| normal(&path)).ok().filter(|path| path.exists());
    let Some(found) = found else { return vec!["there is no such file on this machine either".into()] };
    if in_view(&found, spec) {
        return Vec::new();
    }
    if let WorkspaceSpec::Dir { path: workspace, .. } = &spec.workspace {
        let real = fs::canonicalize(&found).unwrap_or_else(|_| found.clone());
        if let Ok(inside) = real.strip_prefix(workspace) {
            return vec![format!("in the jail it is  {}", shown(Path::new(WORKSPACE).join(inside)))];
        }
    }
    let mut lines = vec![format!("it exists on this machine at {}{}", shown(&found), whereabouts(&found, caller))];
    let here = caller.absolute(Path::new(".")).map(|dir| normal(&dir));
    let below = here.ok().and_then(|here| found.strip_prefix(here).ok().map(Path::to_owned));
    match (below, &spec.workspace) {
        (Some(below), WorkspaceSpec::Scratch) => {
            let run = if program.is_absolute() { format!(", and run it as ./{}", shown(below)) } else { String::new() };
            lines.push(format!("to let this job see this directory:  -w .{run}"));
        }
        _ => {
            lines.extend(offer(&found, spec, caller));
            if program.is_relative() {
                lines.push(format!("and run it as  {}", grants::quoted(found.as_os_str())));
            }
        }
    }
    lines
}

fn offer(found: &Path, spec: &JobSpec, caller: &Caller) -> Option<String> {
    let options = grants::options(found, caller, |path| in_view(path, spec));
    (!options.is_empty()).then(|| format!("to let this job see it:  {}", options.join(" ")))
}

/// Why the jail does not have it.
fn whereabouts(path: &Path, caller: &Caller) -> String {
    if caller.home().is_some_and(|home| path.starts_with(home)) {
        return ", under your home, which a jail does not see".into();
    }
    match HIDDEN.iter().find(|dir| path.starts_with(dir)) {
        Some(dir) => format!(", under {dir}, which a jail does not see"),
        None => ", which the jail does not show".into(),
    }
}

/// Whether the job sees this file of the host under the same path.
fn in_view(path: &Path, spec: &JobSpec) -> bool {
    let mounted = spec.mounts.iter().any(|mount| match &mount.source {
        MountSource::Host { .. } => path.starts_with(&mount.target),
        _ => false,
    });
    let programs = ["/usr", "/bin", "/sbin", "/lib", "/lib64"];
    mounted || (matches!(spec.root, Root::Host) && programs.iter().any(|dir| path.starts_with(dir)))
}

fn is_program(file: &Path) -> bool {
    fs::metadata(file).is_ok_and(|m| m.is_file() && m.permissions().mode() & 0o111 != 0)
}

/// Without `.` and `..`, by their spelling.
pub(super) fn normal(path: &Path) -> PathBuf {
    use std::path::Component::{CurDir, ParentDir};
    path.components().fold(PathBuf::new(), |mut done, part| {
        match part {
            CurDir => {}
            ParentDir => drop(done.pop()),
            other => done.push(other),
        }
        done
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn program(path: &Path) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, "#!/bin/sh\n").unwrap();
        fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
    }

    #[test]
    fn where_it_is_and_what_shows_it() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        let h = home.display();
        program(&home.join("tools/bin/tool"));
        program(&home.join("work/x.sh"));
        let caller = Caller::fake(&home, &format!("/usr/bin:{h}/tools/bin"), &home.join("work"));
        let hints = |program: &str| hints(&JobSpec::new(program), &caller).join("\n");
        assert_eq!(
            hints("tool"),
            format!(
                "it exists on this machine at {h}/tools/bin/tool, under your home, which a jail does not see\n\
                 to let this job see it:  -v ~/tools/bin:{h}/tools/bin:ro"
            )
        );
        assert!(hints("no-such-tool").contains("not in yours"));
        assert!(hints("./x.sh").ends_with("to let this job see this directory:  -w ."));
        assert!(hints("../tools/bin/tool").ends_with(&format!("and run it as  {h}/tools/bin/tool")));
        assert!(hints(&format!("{h}/work/x.sh")).ends_with("-w ., and run it as ./x.sh"));
        assert!(hints("./y.sh").contains("no such file on this machine"));
    }

    #[test]
    fn what_lies_in_the_workspace_has_another_name_there() {
        let dir = tempfile::tempdir().unwrap();
        let home = dir.path().canonicalize().unwrap();
        program(&home.join("work/x.sh"));
        let caller = Caller::fake(&home, "", &home);
        let mut spec = JobSpec::new(home.join("work/x.sh"));
        spec.workspace = WorkspaceSpec::Dir { path: home.join("work"), access: nix_jail::Access::ReadOnly };
        assert_eq!(hints(&spec, &caller), ["in the jail it is  /workspace/x.sh"]);
    }
}
