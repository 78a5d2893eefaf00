//! As root, each job is a user of its own on the host: one from a range that nobody else uses, claimed by a lock on a file.
//! A lock ends with the process that holds it, so a crash gives the number back by itself.

use std::fs::{self, DirBuilder, File};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use nix_jail_core::{Error, Result};
use rustix::fs::{FlockOperation, OFlags, flock};

use super::control::BACKEND;

/// Where the lock files are.
const DIR: &str = "/run/nix-jail/uids";
/// The range, above what distributions give to users and to subordinate ids by default.
const FIRST: u32 = 524_288;
const COUNT: u32 = 65_536;
/// How far apart the first tries are.
const SPREAD: u32 = 64;

/// Whether this process's user namespace has the range at all: in a rootless container root has no other users to give.
pub(super) fn are_mapped() -> bool {
    let whole = |map: &str| fs::read_to_string(map).is_ok_and(|content| covers(&content, FIRST, COUNT));
    whole("/proc/self/uid_map") && whole("/proc/self/gid_map")
}

/// Whether one line of a map (user_namespaces(7): inside, outside, count) holds the whole range.
fn covers(map: &str, first: u32, count: u32) -> bool {
    map.lines().any(|line| {
        let mut numbers = line.split_ascii_whitespace().map(str::parse::<u64>);
        let (Some(Ok(inside)), _, Some(Ok(length))) = (numbers.next(), numbers.next(), numbers.next()) else {
            return false;
        };
        inside <= first.into() && u64::from(first) + u64::from(count) <= inside + length
    })
}

/// A host uid (and gid of the same number) that no other job has.
#[derive(Debug)]
pub(super) struct HostUid {
    pub(super) uid: u32,
    path: PathBuf,
    /// Holds the lock.
    _lock: File,
    /// A fork of the embedder has a copy of this value, but no right to give the number back.
    owner: u32,
}

impl HostUid {
    /// Claims one.
    pub(super) fn claim() -> Result<Self> {
        Self::claim_in(Path::new(DIR), FIRST, COUNT)
    }

    fn claim_in(dir: &Path, first: u32, count: u32) -> Result<Self> {
        let failed = |e: io::Error| Error::backend(BACKEND, format!("claiming a host uid in {}", dir.display()), e);
        DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(failed)?;
        // Jobs start looking at different numbers, so that they seldom meet, but all near the first: a file that a killed
        // process left is soon taken over and removed, and they never pile up.
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let start = NEXT.fetch_add(1, Ordering::Relaxed).wrapping_add(std::process::id().wrapping_mul(97)) % SPREAD;
        for i in 0..count {
            let uid = first + start.wrapping_add(i) % count;
            if let Some(claimed) = try_lock(dir.join(uid.to_string()), uid).map_err(failed)? {
                return Ok(claimed);
            }
        }
        Err(failed(io::Error::other(format!("all {count} from {first} on are in use"))))
    }
}

fn try_lock(path: PathBuf, uid: u32) -> io::Result<Option<HostUid>> {
    let flags = OFlags::NOFOLLOW.bits() as i32;
    let file =
        fs::OpenOptions::new().write(true).create(true).truncate(false).mode(0o600).custom_flags(flags).open(&path)?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Err(rustix::io::Errno::WOULDBLOCK) => return Ok(None),
        other => other?,
    }
    // The one who had it may have removed the file between our opening and our locking: then ours is nobody's.
    let still_there = fs::symlink_metadata(&path).is_ok_and(|m| file.metadata().is_ok_and(|f| f.ino() == m.ino()));
    Ok(still_there.then_some(HostUid { uid, path, _lock: file, owner: std::process::id() }))
}

impl Drop for HostUid {
    fn drop(&mut self) {
        // Removed while the lock is held, see `try_lock`. A file that stays is claimed by the next one.
        if self.owner == std::process::id() {
            let _ = fs::remove_file(&self.path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_claimed_once_and_given_back() {
        let dir = tempfile::tempdir().unwrap();
        let a = HostUid::claim_in(dir.path(), 10, 2).unwrap();
        let b = HostUid::claim_in(dir.path(), 10, 2).unwrap();
        assert_ne!(a.uid, b.uid);
        assert!(HostUid::claim_in(dir.path(), 10, 2).is_err());
        let freed = a.uid;
        drop(a);
        assert_eq!(HostUid::claim_in(dir.path(), 10, 2).unwrap().uid, freed);
        drop(b);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 0);
    }

    #[test]
    fn ranges_of_a_map() {
        assert!(covers("         0          0 4294967295\n", FIRST, COUNT));
        assert!(!covers("0 1000 1\n1 100000 65536\n", FIRST, COUNT));
        assert!(!covers("", FIRST, COUNT) && !covers("nonsense", FIRST, COUNT));
    }

    #[test]
    fn a_planted_link_is_not_followed() {
        let dir = tempfile::tempdir().unwrap();
        let outside = dir.path().join("outside");
        std::os::unix::fs::symlink(&outside, dir.path().join("10")).unwrap();
        assert!(HostUid::claim_in(dir.path(), 10, 1).is_err());
        assert!(!outside.exists());
    }
}
