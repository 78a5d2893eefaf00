//! File systems that are the kernel's own view of the host: what a job sees of them it sees of all processes, devices and
//! settings, so no grant holds one, nor a directory with one below.

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use nix_jail_core::{Error, Result};

/// As in /proc/filesystems.
const TYPES: [&str; 17] = [
    "proc",
    "sysfs",
    "cgroup",
    "cgroup2",
    "devpts",
    "devtmpfs",
    "debugfs",
    "tracefs",
    "securityfs",
    "configfs",
    "bpf",
    "pstore",
    "efivarfs",
    "fusectl",
    "binfmt_misc",
    "rpc_pipefs",
    "nsfs",
];

/// Refuses a path (without links) that lies on such a file system, or has one below it.
pub(super) fn refuse(field: &str, path: &Path) -> Result<()> {
    let unreadable = |e| Error::backend("filesystem", "reading /proc/self/mountinfo", e);
    let mounts = fs::read("/proc/self/mountinfo").map_err(unreadable)?;
    let Some((at, kind)) = find(&mounts, path) else { return Ok(()) };
    let shown = path.display();
    let reason = match path.starts_with(&at) {
        true => format!("{shown} is the kernel's own view of the host ({kind})"),
        false => format!("{shown} has the kernel's own view of the host ({kind}) at {} in it", at.display()),
    };
    Err(Error::invalid(field, reason, "name a directory without it, or copy what the job needs of it into a file"))
}

/// The mount that `path` lies on, if it is such a one, or such a one below it.
fn find(mountinfo: &[u8], path: &Path) -> Option<(PathBuf, String)> {
    // Later lines lie over earlier ones; the longest mount point above the path is the one that holds it.
    let mut holder: Option<(PathBuf, String)> = None;
    let mut below = None;
    for (at, kind) in mountinfo.split(|b| *b == b'\n').filter_map(parse) {
        if path.starts_with(&at) && holder.as_ref().is_none_or(|(held, _)| at.starts_with(held)) {
            holder = Some((at, kind));
        } else if at.starts_with(path) && at != path && TYPES.contains(&kind.as_str()) {
            below = below.or(Some((at, kind)));
        }
    }
    holder.filter(|(_, kind)| TYPES.contains(&kind.as_str())).or(below)
}

/// Mount point and type of a line, see proc_pid_mountinfo(5).
fn parse(line: &[u8]) -> Option<(PathBuf, String)> {
    let mut fields = line.split(|b| *b == b' ');
    let at = unescape(fields.nth(4)?);
    let kind = fields.skip_while(|f| *f != b"-").nth(1)?;
    Some((OsString::from_vec(at).into(), String::from_utf8_lossy(kind).into_owned()))
}

/// Spaces, tabs, newlines and backslashes are written in octal.
fn unescape(field: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(field.len());
    let mut rest = field;
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..3).and_then(|d| std::str::from_utf8(d).ok());
        match digits.and_then(|d| u8::from_str_radix(d, 8).ok()).filter(|_| *first == b'\\') {
            Some(byte) => {
                plain.push(byte);
                rest = &after[3..];
            }
            None => {
                plain.push(*first);
                rest = after;
            }
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    const MOUNTS: &[u8] = b"22 1 254:0 / / rw - ext4 /dev/vda rw\n\
        23 22 0:20 / /proc rw shared:1 - proc proc rw\n\
        24 22 0:6 / /dev rw - devtmpfs devtmpfs rw\n\
        25 24 0:21 / /dev/shm rw - tmpfs tmpfs rw\n\
        26 22 0:20 / /srv/a\\040b/proc rw - proc proc rw\n";

    fn found(path: &str) -> Option<String> {
        find(MOUNTS, Path::new(path)).map(|(at, _)| at.display().to_string())
    }

    #[test]
    fn on_it_and_above_it() {
        for (path, at) in
            [("/proc", "/proc"), ("/proc/1/root", "/proc"), ("/dev", "/dev"), ("/srv", "/srv/a b/proc"), ("/", "/proc")]
        {
            assert_eq!(found(path).as_deref(), Some(at), "{path}");
        }
        for path in ["/home/me", "/dev/shm", "/dev/shm/x", "/srv/other", "/procession"] {
            assert_eq!(found(path), None, "{path}");
        }
    }
}
