//! Paths of the host that a caller grants. They are looked at once; what is mounted later is that object or nothing.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use nix_jail_core::{Access, Error, Identity, Mount, Result, Source};
use rustix::fs::{AtFlags, CWD, FileType, Mode, OFlags, ResolveFlags};

use super::{WORKSPACE, kernel_view};

/// A directory as the workspace.
pub(super) fn workspace(path: &Path, access: Access) -> Result<Mount> {
    let path = canonical("workspace", path)?;
    if path == Path::new("/") {
        return Err(Error::invalid("workspace", "/ is the whole machine", "name the project's own directory"));
    }
    let source = look("workspace", &path)?;
    match &source {
        Source::Granted { identity, .. } if !identity.is_dir => {
            Err(Error::invalid("workspace", format!("{} is not a directory", path.display()), "name a directory"))
        }
        _ => {
            kernel_view::refuse("workspace", &path)?;
            readable("workspace", &path)?;
            Ok(with_access(Mount::new(source, WORKSPACE), access))
        }
    }
}

/// A file or directory at a place of its own.
pub(super) fn volume(path: &Path, target: &Path, access: Access) -> Result<Mount> {
    let path = canonical("source", path)?;
    if path == Path::new("/") {
        return Err(Error::invalid("source", "/ is the whole machine", "name the directory that the job needs"));
    }
    let source = look("source", &path)?;
    kernel_view::refuse("source", &path)?;
    readable("source", &path)?;
    Ok(with_access(Mount::new(source, target), access))
}

fn with_access(mount: Mount, access: Access) -> Mount {
    match access {
        Access::ReadOnly => mount,
        Access::ReadWrite => mount.writable(),
    }
}

/// Without links: what the caller meant at this moment.
pub(super) fn canonical(field: &str, path: &Path) -> Result<PathBuf> {
    fs::canonicalize(path).map_err(|e| unusable(field, path, &e))
}

/// The object behind a path that has no links any more.
pub(super) fn look(field: &str, path: &Path) -> Result<Source> {
    let flags = OFlags::PATH | OFlags::NOFOLLOW | OFlags::CLOEXEC;
    let stat = rustix::fs::openat2(CWD, path, flags, Mode::empty(), ResolveFlags::NO_SYMLINKS)
        .and_then(|fd| rustix::fs::fstat(&fd))
        .map_err(|e| unusable(field, path, &e.into()))?;
    let kind = FileType::from_raw_mode(stat.st_mode);
    if kind != FileType::Directory && kind != FileType::RegularFile {
        let reason = format!("{} is neither a file nor a directory", path.display());
        return Err(Error::invalid(field, reason, "sockets, pipes and devices of the host are not shown to a job"));
    }
    let is_dir = kind == FileType::Directory;
    let identity = Identity { dev: stat.st_dev, ino: stat.st_ino, uid: stat.st_uid, gid: stat.st_gid, is_dir };
    Ok(Source::Granted { path: path.into(), identity })
}

fn readable(field: &str, path: &Path) -> Result<()> {
    let wanted = rustix::fs::Access::READ_OK;
    rustix::fs::accessat(CWD, path, wanted, AtFlags::EACCESS).map_err(|e| unusable(field, path, &e.into()))
}

fn unusable(field: &str, path: &Path, error: &io::Error) -> Error {
    let shown = path.display();
    let (reason, fix) = match error.kind() {
        io::ErrorKind::NotFound => {
            (format!("{shown} does not exist"), "create it first: nothing is ever created on the host")
        }
        io::ErrorKind::PermissionDenied => {
            (format!("{shown} cannot be read by this user"), "check its permissions and those of its parents")
        }
        _ if error.raw_os_error() == Some(rustix::io::Errno::LOOP.raw_os_error()) => {
            (format!("{shown} is a loop of symbolic links"), "name the directory itself")
        }
        _ => (format!("{shown}: {error}"), "name a file or directory that can be read"),
    };
    Error::invalid(field, reason, fix)
}
