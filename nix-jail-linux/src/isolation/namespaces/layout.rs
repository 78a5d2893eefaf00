//! From what a job sees to the operations that build it.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use nix_jail_core::{Error, Mount, Result, Source};

use super::control::BACKEND;
use crate::plan::{Bind, Op};

/// Devices that a job gets: from the host, by a mount, since nobody may make device nodes in a user namespace.
const DEVICES: [&str; 6] = ["null", "zero", "full", "random", "urandom", "tty"];

/// Names that programs expect in /dev.
const DEV_LINKS: [(&str, &str); 5] = [
    ("/dev/fd", "/proc/self/fd"),
    ("/dev/stdin", "/proc/self/fd/0"),
    ("/dev/stdout", "/proc/self/fd/1"),
    ("/dev/stderr", "/proc/self/fd/2"),
    ("/dev/ptmx", "pts/ptmx"),
];

/// Files of /proc that are not about the job's own processes and that matter: covered by an empty one. `keys`
/// and `key-users` anybody may read, `kallsyms` where the host lets everybody; the others the job's user could not touch anyway, being root nowhere: this is the wall
/// behind that one. (Container engines mask more, for a root inside: timer_list, acpi, scsi and the like.)
const MASKED: [&str; 5] = ["/proc/kallsyms", "/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/sysrq-trigger"];

/// The operations, in an order in which they can be carried out.
pub(super) fn operations<'a>(mounts: impl Iterator<Item = &'a Mount>, privileged: bool) -> Result<Vec<Op>> {
    let mut layout = Layout { ops: Vec::new(), made: BTreeSet::new(), covered: Vec::new(), privileged, scratches: 0 };
    layout.proc_and_dev();
    for mount in mounts {
        layout.mount(mount)?;
    }
    layout.devices();
    Ok(layout.ops)
}

/// Where the job may write, for Landlock.
pub(super) fn writable<'a>(mounts: impl Iterator<Item = &'a Mount>) -> Vec<PathBuf> {
    let own = ["/proc", "/dev"].into_iter().map(PathBuf::from);
    own.chain(mounts.filter(|m| m.writable).map(|m| m.target.clone())).collect()
}

struct Layout {
    ops: Vec<Op>,
    /// Directories and files of the skeleton, as bytes: comparing paths by components costs more than all the rest here.
    made: BTreeSet<Vec<u8>>,
    /// What is mounted so far.
    covered: Vec<Covered>,
    privileged: bool,
    scratches: u32,
}

struct Covered {
    path: PathBuf,
    /// In the jail's memory, where places can be made.
    own: bool,
}

impl Layout {
    fn proc_and_dev(&mut self) {
        self.dir(Path::new("/proc"));
        self.ops.push(Op::Proc { target: "/proc".into() });
        self.ops.extend(MASKED.iter().map(|path| Op::Mask { target: path.into() }));
        self.dir(Path::new("/dev/pts"));
        self.ops.push(Op::Devpts { target: "/dev/pts".into() });
        self.ops.extend(DEV_LINKS.iter().map(|(path, to)| Op::Link { path: path.into(), target: to.into() }));
    }

    fn devices(&mut self) {
        for name in DEVICES {
            let path = Path::new("/dev").join(name);
            self.file(&path, 0o444, Arc::default());
            let source = path.clone();
            self.ops.push(Op::Bind(Bind { source, target: path, device: true, ..Bind::default() }));
        }
    }

    fn mount(&mut self, mount: &Mount) -> Result<()> {
        let target = &mount.target;
        let (writable, exec) = (mount.writable, mount.exec);
        let bind =
            |path: &Path| Bind { source: path.into(), target: target.clone(), writable, exec, ..Bind::default() };
        match &mount.source {
            Source::Dir => self.dir(target),
            Source::File(content) => self.file(target, 0o444, content.clone()),
            Source::Symlink(to) => {
                self.parent(target);
                self.ops.push(Op::Link { path: target.clone(), target: to.clone() });
            }
            Source::Path(path) => {
                self.place(target, path.is_dir());
                self.ops.push(Op::Bind(Bind { optional: true, ..bind(path) }));
                self.cover(target, false);
            }
            Source::Granted { path, identity } => {
                self.place(target, identity.is_dir);
                let owner = (identity.uid, identity.gid);
                let idmap = self.privileged.then_some(owner);
                self.ops.push(Op::Bind(Bind { identity: Some((identity.dev, identity.ino)), idmap, ..bind(path) }));
                self.cover(target, false);
            }
            Source::Tmpfs { bytes, inodes } => {
                self.place(target, true);
                let (bytes, inodes) = (*bytes, *inodes);
                self.ops.push(Op::Tmpfs { target: target.clone(), mode: 0o755, bytes, inodes, writable, exec });
                self.cover(target, true);
            }
            Source::Scratch => {
                self.place(target, true);
                let shared = target.starts_with("/tmp") || target.starts_with("/dev/shm");
                let (mode, name) = (if shared { 0o1777 } else { 0o755 }, self.scratches.to_string());
                self.scratches += 1;
                self.ops.push(Op::Scratch { target: target.clone(), mode, name, exec });
                self.cover(target, true);
            }
            other => {
                return Err(Error::backend(
                    BACKEND,
                    "laying out the root",
                    format!("a mount of {other:?} is not known here"),
                ));
            }
        }
        Ok(())
    }

    /// A place for a mount: made on the skeleton or in the jail's own memory, or there already in a directory of the host.
    fn place(&mut self, target: &Path, is_dir: bool) {
        match (self.covered.iter().rev().find(|c| beneath(target, &c.path)).map(|c| c.own), is_dir) {
            (None, true) => self.dir(target),
            (None, false) => self.file(target, 0o444, Arc::default()),
            (Some(true), _) => self.inner(target, is_dir),
            (Some(false), _) => {}
        }
    }

    /// A place in a mount of the jail's own memory, and what is missing above it there.
    fn inner(&mut self, target: &Path, is_dir: bool) {
        let parents = target.parent().map_or(&b""[..], |p| p.as_os_str().as_bytes());
        for parent in prefixes(parents) {
            let there =
                self.made.contains(parent) || self.covered.iter().any(|c| c.path.as_os_str().as_bytes() == parent);
            if !there {
                self.made.insert(parent.to_vec());
                self.ops.push(Op::Inner { path: path(parent), dir: true });
            }
        }
        self.ops.push(Op::Inner { path: target.into(), dir: is_dir });
    }

    fn cover(&mut self, target: &Path, own: bool) {
        self.covered.push(Covered { path: target.into(), own });
    }

    /// A directory of the skeleton, and all above it.
    fn dir(&mut self, dir: &Path) {
        for prefix in prefixes(dir.as_os_str().as_bytes()) {
            if !self.made.contains(prefix) {
                self.made.insert(prefix.to_vec());
                self.ops.push(Op::Dir { path: path(prefix), mode: 0o755 });
            }
        }
    }

    fn file(&mut self, path: &Path, mode: u32, data: Arc<[u8]>) {
        self.parent(path);
        self.made.insert(path.as_os_str().as_bytes().to_vec());
        self.ops.push(Op::File { path: path.into(), mode, data });
    }

    fn parent(&mut self, path: &Path) {
        if let Some(parent) = path.parent() {
            self.dir(parent);
        }
    }
}

/// Each directory above a path that is in its plain form, outermost first, and the path itself.
fn prefixes(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    (1..=path.len())
        .filter(move |end| path.get(*end).is_none_or(|b| *b == b'/'))
        .map(move |end| &path[..end])
        .filter(|p| p.len() > 1)
}

fn path(bytes: &[u8]) -> PathBuf {
    OsStr::from_bytes(bytes).into()
}

/// Whether a path is `dir` or lies in it; both in their plain form.
fn beneath(path: &Path, dir: &Path) -> bool {
    let rest = path.as_os_str().as_bytes().strip_prefix(dir.as_os_str().as_bytes());
    rest.is_some_and(|rest| rest.is_empty() || rest[0] == b'/')
}

#[cfg(test)]
mod tests {
    use nix_jail_core::Identity;

    use super::*;

    fn granted(path: &str, target: &str, is_dir: bool) -> Mount {
        let identity = Identity { dev: 1, ino: 2, uid: 3, gid: 4, is_dir };
        Mount::new(Source::Granted { path: path.into(), identity }, target)
    }

    fn made(mounts: &[Mount]) -> Vec<PathBuf> {
        let skeleton = |op: Op| match op {
            Op::Dir { path, .. } | Op::File { path, .. } | Op::Link { path, .. } => Some(path),
            _ => None,
        };
        operations(mounts.iter(), false).unwrap().into_iter().filter_map(skeleton).collect()
    }

    #[test]
    fn a_parent_is_made_once_and_before_its_children() {
        let made = made(&[Mount::new(Source::Scratch, "/a/b/c"), Mount::new(Source::File(Arc::default()), "/a/b/d")]);
        for (i, path) in made.iter().enumerate() {
            assert!(!made[..i].contains(path), "{} twice", path.display());
            let parent = path.parent().unwrap();
            assert!(
                parent == Path::new("/") || made[..i].iter().any(|p| p == parent),
                "{} without parent",
                path.display()
            );
        }
    }

    #[test]
    fn nothing_is_made_below_a_mount_of_the_host() {
        let mounts =
            [granted("/srv", "/srv", true), granted("/x", "/srv/deep/place", true), granted("/y", "/srv/file", false)];
        assert!(!made(&mounts).iter().any(|p| p.starts_with("/srv") && p != Path::new("/srv")));
        let inner =
            operations(mounts.iter(), false).unwrap().iter().filter(|op| matches!(op, Op::Inner { .. })).count();
        assert_eq!(inner, 0);
    }

    #[test]
    fn places_in_the_jails_own_memory_are_made_there() {
        let mounts =
            [Mount::new(Source::Scratch, "/tmp"), granted("/x", "/tmp/deep/x", true), granted("/y", "/tmp/y", false)];
        let inner: Vec<_> =
            operations(mounts.iter(), false).unwrap().into_iter().filter(|op| matches!(op, Op::Inner { .. })).collect();
        let at = |path: &str, dir| Op::Inner { path: path.into(), dir };
        assert_eq!(inner, [at("/tmp/deep", true), at("/tmp/deep/x", true), at("/tmp/y", false)]);
    }

    #[test]
    fn owners_are_mapped_where_the_embedder_may_map_them() {
        let idmap_of = |privileged| {
            let ops = operations([granted("/x", "/x", true)].iter(), privileged).unwrap();
            ops.into_iter().find_map(|op| match op {
                Op::Bind(bind) if bind.target == Path::new("/x") => Some((bind.idmap, bind.identity)),
                _ => None,
            })
        };
        assert_eq!(idmap_of(true), Some((Some((3, 4)), Some((1, 2)))));
        assert_eq!(idmap_of(false), Some((None, Some((1, 2)))));
    }
}
