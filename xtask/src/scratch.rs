//! A fresh directory that an ordinary user can enter, and that is gone afterwards, however the chore ends.

use crate::Result;
use std::fs::{self, DirBuilder, File, Permissions};
use std::os::unix::fs::{DirBuilderExt, MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

const PREFIX: &str = "nix-jail-xtask-";
const LOCK: &str = "lock";

/// Removed when dropped. A run that was killed cannot do that, so each new one sweeps up what dead ones left: the
/// directory belongs to a living run as long as its lock file is locked.
#[derive(Debug)]
pub(crate) struct Scratch {
    path: PathBuf,
    uid: u32,
    _lock: File,
}

impl Scratch {
    pub(crate) fn new() -> Result<Scratch> {
        Scratch::new_in(&base())
    }

    fn new_in(base: &Path) -> Result<Scratch> {
        let nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.subsec_nanos());
        let path = base.join(format!("{PREFIX}{:x}-{nanos:x}", std::process::id()));
        let make = || -> std::io::Result<Scratch> {
            DirBuilder::new().mode(0o755).create(&path)?;
            // Again, since the caller's umask has taken bits away.
            fs::set_permissions(&path, Permissions::from_mode(0o755))?;
            let lock = File::create_new(path.join(LOCK))?;
            lock.lock()?;
            Ok(Scratch { uid: fs::metadata(&path)?.uid(), path: path.clone(), _lock: lock })
        };
        let scratch = make().map_err(|error| format!("{}: {error}", path.display()))?;
        sweep(base, scratch.uid);
        Ok(scratch)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Who we are, as the kernel sees it: std has no other way to ask.
    pub(crate) fn uid(&self) -> u32 {
        self.uid
    }

    /// Makes a directory in it, with exactly these rights.
    pub(crate) fn dir(&self, name: &str, mode: u32) -> Result<PathBuf> {
        let dir = self.path.join(name);
        let made = fs::create_dir(&dir).and_then(|()| fs::set_permissions(&dir, Permissions::from_mode(mode)));
        made.map_err(|error| format!("{}: {error}", dir.display()))?;
        Ok(dir)
    }

    /// Removes it, and says so when something in it cannot be removed (a mount that a test left, say).
    pub(crate) fn close(self) -> Result {
        fs::remove_dir_all(&self.path).map_err(|error| format!("cannot remove {}: {error}", self.path.display()))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// `/tmp` rather than $TMPDIR: an ordinary user must be able to enter it, and root's own may be closed to others.
fn base() -> PathBuf {
    let tmp = Path::new("/tmp");
    if tmp.is_dir() { tmp.to_owned() } else { std::env::temp_dir() }
}

fn sweep(base: &Path, uid: u32) {
    for entry in fs::read_dir(base).into_iter().flatten().flatten() {
        let ours = entry.file_name().to_string_lossy().starts_with(PREFIX)
            && entry.metadata().is_ok_and(|data| data.is_dir() && data.uid() == uid);
        if ours && File::open(entry.path().join(LOCK)).is_ok_and(|lock| lock.try_lock().is_ok()) {
            let _ = fs::remove_dir_all(entry.path());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gone_when_dropped_and_swept_when_its_owner_died() {
        let outer = Scratch::new().expect("a scratch directory");
        let base = outer.path().to_owned();

        let dropped = Scratch::new_in(&base).expect("a scratch directory").path().to_owned();
        assert!(!dropped.exists());

        let dead = base.join(format!("{PREFIX}dead"));
        fs::create_dir(&dead).expect("a directory");
        File::create(dead.join(LOCK)).expect("a lock that nobody holds");
        let stranger = base.join("somebody-elses");
        fs::create_dir(&stranger).expect("a directory");

        let living = Scratch::new_in(&base).expect("a scratch directory");
        assert!(!dead.exists() && stranger.exists());
        let second = Scratch::new_in(&base).expect("a scratch directory");
        assert!(living.path().exists() && second.path().exists());
        second.close().expect("nothing holds it");
    }
}
