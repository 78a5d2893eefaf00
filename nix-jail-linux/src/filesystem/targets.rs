//! Whether a mount has a place to go to. On the jail's own directories it is made; inside a directory of the host it must
//! be there already, since nothing is ever created on the host.

use std::fs;
use std::path::Path;

use nix_jail_core::{Error, Mount, Result, Source};

/// Checks the target of `mount` against what is mounted before it.
pub(super) fn check(before: &[Mount], mount: &Mount) -> Result<()> {
    let target = &mount.target;
    let shown = target.display();
    if let Some(same) = before.iter().find(|m| m.target == *target) {
        let reason = format!("{shown} is taken by the jail itself ({:?})", same.source);
        return Err(Error::invalid("target", reason, "choose another target"));
    }
    if before.iter().any(|m| m.target.starts_with(target)) {
        return Err(Error::invalid(
            "target",
            format!("{shown} would hide what the jail has below it"),
            "choose another target",
        ));
    }
    let Some(outer) =
        before.iter().filter(|m| target.starts_with(&m.target)).max_by_key(|m| m.target.components().count())
    else {
        return Ok(());
    };
    match &outer.source {
        Source::Scratch | Source::Tmpfs { .. } | Source::Dir => Ok(()),
        Source::Path(host) | Source::Granted { path: host, .. } => {
            let rest = target.strip_prefix(&outer.target).unwrap_or(Path::new(""));
            exists_beneath(host, rest, mount).map_err(|reason| {
                Error::invalid(
                    "target",
                    format!("{shown} lies in {}, a directory of the host, where {reason}", host.display()),
                    "create it on the host first, or choose a target outside: nothing is ever created on the host",
                )
            })
        }
        _ => Err(Error::invalid(
            "target",
            format!("{shown} lies below {}, which is no directory", outer.target.display()),
            "choose another target",
        )),
    }
}

/// That `rest` is there, by a way without links, and is of the kind that the mount needs.
fn exists_beneath(host: &Path, rest: &Path, mount: &Mount) -> Result<(), String> {
    let mut at = host.to_path_buf();
    let mut found = None;
    for part in rest {
        at.push(part);
        let kind = fs::symlink_metadata(&at).map_err(|_| format!("there is no {}", rest.display()))?.file_type();
        if kind.is_symlink() {
            return Err(format!("{} is a symbolic link", at.display()));
        }
        found = Some(kind.is_dir());
    }
    let wants_dir = !matches!(&mount.source, Source::Granted { identity, .. } if !identity.is_dir);
    match found {
        Some(is_dir) if is_dir == wants_dir => Ok(()),
        _ => Err(format!("{} is not a {}", rest.display(), if wants_dir { "directory" } else { "file" })),
    }
}
