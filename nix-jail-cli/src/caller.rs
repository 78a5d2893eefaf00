//! What the command line reads of its caller. The library reads no home and no environment: this is the one place.

use std::ffi::{OsStr, OsString};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};

use rustix::stdio::{stderr, stdin, stdout};
use rustix::termios::isatty;

/// Who calls, and from where.
#[derive(Clone, Debug, Default)]
pub(crate) struct Caller {
    home: Option<PathBuf>,
    path: Option<OsString>,
    cwd: Option<PathBuf>,
    term: Option<OsString>,
}

impl Caller {
    /// The one who started this process.
    pub(crate) fn current() -> Self {
        let home = std::env::var_os("HOME").map(PathBuf::from);
        Self { home, path: std::env::var_os("PATH"), cwd: None, term: std::env::var_os("TERM") }
    }

    #[cfg(test)]
    pub(crate) fn fake(home: &Path, path: &str, cwd: &Path) -> Self {
        Self { home: Some(home.into()), path: Some(path.into()), cwd: Some(cwd.into()), term: None }
    }

    /// `$HOME`, where it is set to a path.
    pub(crate) fn home(&self) -> Option<&Path> {
        self.home.as_deref().filter(|home| home.is_absolute())
    }

    /// The directories of `$PATH` that can be named in a jail as well.
    pub(crate) fn path(&self) -> impl Iterator<Item = PathBuf> {
        let list = self.path.as_deref().unwrap_or_default();
        std::env::split_paths(list).filter(|dir| dir.is_absolute()).map(|dir| dir.components().collect())
    }

    /// A path as the caller means it, from `/` on.
    pub(crate) fn absolute(&self, path: &Path) -> io::Result<PathBuf> {
        if path.is_absolute() {
            return Ok(path.to_owned());
        }
        let cwd = match &self.cwd {
            Some(cwd) => cwd.clone(),
            None => std::env::current_dir()?,
        };
        Ok(cwd.join(path))
    }

    /// What the terminal is, where the job is going to read from one or write to one.
    pub(crate) fn term(&self) -> Option<OsString> {
        let plain = |b: &u8| b.is_ascii_alphanumeric() || b"+-._".contains(b);
        let term = self.term.as_ref().filter(|term| term.as_bytes().iter().all(plain))?;
        // Not by std's handles: they make buffers, which a job has no use for.
        let has_terminal = isatty(stdout()) || isatty(stdin()) || isatty(stderr());
        has_terminal.then(|| term.clone())
    }

    /// A variable of the caller's.
    pub(crate) fn variable(&self, name: &OsStr) -> Option<OsString> {
        // A name that holds '=' or NUL names nothing.
        std::env::var_os(name)
    }
}
