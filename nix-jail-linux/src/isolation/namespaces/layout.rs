//! From what a job sees to the operations that build it.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

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

/// What /proc tells of the machine beyond the job's own processes. Files are covered by an empty one, directories by an
/// empty directory; most could not be read by the job's user anyway: this is the wall behind that one.
const MASKED: [&str; 11] = [
    "/proc/kcore",
    "/proc/keys",
    "/proc/key-users",
    "/proc/sysrq-trigger",
    "/proc/timer_list",
    "/proc/latency_stats",
    "/proc/sched_debug",
    "/proc/kallsyms",
    "/proc/acpi",
    "/proc/asound",
    "/proc/scsi",
];

/// The operations, in an order in which they can be carried out.
pub(super) fn operations(mounts: &[Mount], privileged: bool) -> Result<Vec<Op>> {
    let mut layout = Layout { ops: Vec::new(), made: BTreeSet::new(), covered: Vec::new(), privileged, scratches: 0 };
    layout.proc_and_dev();
    for mount in mounts {
        layout.mount(mount)?;
    }
    layout.devices();
    Ok(layout.ops)
}

/// Where the job may write, for Landlock.
pub(super) fn writable(mounts: &[Mount]) -> Vec<PathBuf> {
    let own = ["/proc", "/dev"].into_iter().map(PathBuf::from);
    own.chain(mounts.iter().filter(|m| m.writable).map(|m| m.target.clone())).collect()
}

struct Layout {
    ops: Vec<Op>,
    /// Directories and files of the skeleton.
    made: BTreeSet<PathBuf>,
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
            self.file(&path, 0o444, Vec::new());
            let source = path.clone();
            self.ops.push(Op::Bind(Bind { source, target: path, device: true, ..Bind::default() }));
        }
    }

    fn mount(&mut self, mount: &Mount) -> Result<()> {
        let target = &mount.target;
        let (writable, exec) = (mount.writable, mount.exec);
        let bind = |path: &Path| Bind { source: path.into(), target: target.clone(), writable, exec, ..Bind::default() };
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
            other => return Err(Error::backend(BACKEND, "laying out the root", format!("a mount of {other:?} is not known here"))),
        }
        Ok(())
    }

    /// A place for a mount: made on the skeleton or in the jail's own memory, or there already in a directory of the host.
    fn place(&mut self, target: &Path, is_dir: bool) {
        match (self.covered.iter().rev().find(|c| target.starts_with(&c.path)).map(|c| c.own), is_dir) {
            (None, true) => self.dir(target),
            (None, false) => self.file(target, 0o444, Vec::new()),
            (Some(true), _) => {} // TODO-INNER
            (Some(false), _) => {}
        }
    }

    fn cover(&mut self, target: &Path, own: bool) {
        self.covered.push(Covered { path: target.into(), own });
    }

    /// A directory of the skeleton, and all above it.
    fn dir(&mut self, path: &Path) {
        let mut missing: Vec<&Path> = path.ancestors().take_while(|p| !self.made.contains(*p) && *p != Path::new("/")).collect();
        while let Some(next) = missing.pop() {
            self.made.insert(next.into());
            self.ops.push(Op::Dir { path: next.into(), mode: 0o755 });
        }
    }

    fn file(&mut self, path: &Path, mode: u32, data: Vec<u8>) {
        self.parent(path);
        self.made.insert(path.into());
        self.ops.push(Op::File { path: path.into(), mode, data });
    }

    fn parent(&mut self, path: &Path) {
        if let Some(parent) = path.parent() {
            self.dir(parent);
        }
    }
}
