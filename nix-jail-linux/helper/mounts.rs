//! The new root, from the plan's operations. Nothing is ever made in a directory of the host: all directories, files
//! and links are made first, on a file system in memory that nobody else sees, and only then are mounts put over them.
mod bind;
mod memory;
mod parent;
mod skeleton;

use crate::ops::{self, Op};
use crate::outer::Inherited;
use crate::plan::Plan;
use crate::read::PATH_MAX;
use crate::report::{During, Refusal};
use crate::sys::{EINVAL, ENOENT, EPERM, Fd, fs};
use crate::text::Text;
use crate::wire::Step;
use core::ffi::CStr;
use memory::{Own, Pool};
use parent::split;

/// The root that was left: still mounted, on top of the new one, where only this process's own `.` leads to it.
pub struct OldRoot {
    stacked: bool,
}

impl OldRoot {
    /// Takes it off. The kernel waits for all that may still look at it, a tenth of a millisecond in which others can work.
    pub fn detach(self) -> Result<(), Refusal> {
        fs::detach_here().during(Step::Detach)?;
        if self.stacked {
            fs::detach_here().during(Step::Detach)?;
        }
        Ok(())
    }
}

/// Builds the root and enters it. What comes back is a /proc to count with, where there is one.
pub fn build(plan: &Plan<'_>, inherited: &Inherited) -> Result<(Option<Fd>, OldRoot), Refusal> {
    let pool = Pool::make(plan.bytes, plan.inodes).during(Step::RootTmpfs)?;
    let (root, stacked) = root_of(&pool).during(Step::RootMount)?;
    skeleton::make(plan, &root)?;
    fs::attach(root.raw(), fs::AT_FDCWD, c"/").during(Step::RootMount)?;
    let mut own = Own::default();
    own.add(&pool.mount).during(Step::RootTmpfs)?;
    let mut builder = Builder { root, pool, own, outer: &inherited.outer, proc: None };
    for (index, op) in plan.ops.clone().enumerate() {
        builder.cover(&op, index)?;
    }
    let Builder { root, mut proc, pool, .. } = builder;
    fs::restrict(root.raw(), fs::MOUNT_NOSUID | fs::MOUNT_NODEV, true).during(Step::Seal)?;
    bind::devices(plan, &root)?;
    fs::restrict(root.raw(), fs::MOUNT_RDONLY, false).during(Step::Seal)?;
    if proc.is_none() && plan.cpu_ns != 0 {
        proc = Some(memory::proc().and_then(|mount| memory::listing(&mount)).during(Step::Proc)?);
    }
    // Kept open: taking apart a mount that is attached nowhere would cost a wait, as every unmounting does.
    pool.mount.keep();
    fs::pivot(&root).during(Step::Pivot)?;
    Ok((proc, OldRoot { stacked }))
}

/// A mount of the pool's directory `root`. Before Linux 6.15 only what is attached can be cloned: there the pool is put
/// over the old root, where it lies in nobody's way, and is taken off in the end.
fn root_of(pool: &Pool) -> crate::sys::Result<(Fd, bool)> {
    match fs::clone_tree(pool.mount.raw(), c"root") {
        Err(EINVAL) => {
            fs::attach(pool.mount.raw(), fs::AT_FDCWD, c"/")?;
            Ok((fs::clone_tree(pool.mount.raw(), c"root")?, true))
        }
        other => Ok((other?, false)),
    }
}

/// The state of the mounting phase.
struct Builder<'a> {
    root: Fd,
    pool: Pool,
    own: Own,
    /// The mounts of OUTER binds that were not attached yet.
    outer: &'a [i32],
    proc: Option<Fd>,
}

impl Builder<'_> {
    /// Carries out an operation that mounts something; the others are done, or come later.
    fn cover(&mut self, op: &Op<'_>, index: usize) -> Result<(), Refusal> {
        match *op {
            Op::Bind(ref bind) => self.bind(bind, index),
            Op::Tmpfs { target, mode, flags, bytes, inodes } => {
                let mount = memory::tmpfs(bytes, inodes, mode, mount_flags(flags)).at(Step::Tmpfs, index)?;
                self.own.add(&mount).at(Step::Tmpfs, index)?;
                self.put(&mount, target, index)
            }
            Op::Scratch { target, mode, flags, name } => {
                let mount = self.pool.scratch(name, mode, mount_flags(flags)).at(Step::Scratch, index)?;
                self.put(&mount, target, index)
            }
            Op::Proc { target } => {
                let mount = memory::proc().at(Step::Proc, index)?;
                self.put(&mount, target, index)?;
                self.proc = Some(memory::listing(&mount).at(Step::Proc, index)?);
                Ok(())
            }
            Op::Mask { target } => self.mask(target, index),
            Op::Inner { path, dir } => self.inner(path, dir, index),
            Op::Dir { .. } | Op::File { .. } | Op::Link { .. } | Op::Devpts { .. } => Ok(()),
        }
    }

    fn bind(&mut self, bind: &ops::Bind<'_>, index: usize) -> Result<(), Refusal> {
        let mount = if bind.flags & ops::DEVICE != 0 {
            None
        } else if bind.flags & ops::OUTER != 0 {
            let (first, rest) = self.outer.split_first().unwrap_or((&-1, &[]));
            self.outer = rest;
            (*first >= 0).then(|| Fd::new(*first as usize))
        } else {
            bind::source(bind, index)?
        };
        let Some(mount) = mount else { return Ok(()) };
        let flags = mount_flags(bind.flags);
        if flags != 0 {
            fs::restrict(mount.raw(), flags, true).at(Step::SourceFlags, index)?;
        }
        self.put(&mount, bind.target, index)
    }

    /// Makes a place in a mount of ours: a directory of the host, which could have come there only by a mistake in the
    /// plan, is refused.
    fn inner(&mut self, path: &CStr, dir: bool, index: usize) -> Result<(), Refusal> {
        let (parent, name) = split(relative(path));
        let mut text = Text::<PATH_MAX>::new();
        let parent =
            fs::open(self.root.raw(), text.push(parent).as_cstr(), fs::O_PATH, fs::RESOLVE_BENEATH | fs::NO_LINKS)
                .at(Step::Target, index)?;
        if !self.own.has(&parent).at(Step::Target, index)? {
            return Err(Refusal { step: Step::Target, index: index as u32, errno: EPERM });
        }
        let made =
            if dir { fs::mkdir(parent.raw(), name, 0o755) } else { fs::create(parent.raw(), name, 0o444).map(drop) };
        memory::ignore_existing(made).at(Step::Directory, index)
    }

    fn mask(&mut self, target: &CStr, index: usize) -> Result<(), Refusal> {
        let over = match beneath(&self.root, target) {
            Err(ENOENT) => return Ok(()),
            other => other.at(Step::Target, index)?,
        };
        let dir = fs::stat(over.raw()).at(Step::Mask, index)?.is_dir();
        let mount = self.pool.nothing(dir).at(Step::Mask, index)?;
        fs::attach(mount.raw(), over.raw(), c"").at(Step::Attach, index)
    }

    /// Attaches a mount at a path beneath the new root.
    fn put(&self, mount: &Fd, target: &CStr, index: usize) -> Result<(), Refusal> {
        put(&self.root, mount, target, index)
    }
}

fn put(root: &Fd, mount: &Fd, target: &CStr, index: usize) -> Result<(), Refusal> {
    let over = beneath(root, target).at(Step::Target, index)?;
    fs::attach(mount.raw(), over.raw(), c"").at(Step::Attach, index)
}

/// The file at `target` beneath the new root, reached without any link.
fn beneath(root: &Fd, target: &CStr) -> crate::sys::Result<Fd> {
    fs::open(root.raw(), relative(target), fs::O_PATH, fs::RESOLVE_BENEATH | fs::NO_LINKS)
}

/// A path of the plan without its leading slash.
fn relative(path: &CStr) -> &CStr {
    path.to_bytes_with_nul().get(1..).and_then(|rest| CStr::from_bytes_with_nul(rest).ok()).unwrap_or(c".")
}

fn mount_flags(flags: u32) -> u64 {
    let flag = |of: u32, is: u64| if flags & of != 0 { is } else { 0 };
    flag(ops::RDONLY, fs::MOUNT_RDONLY) | flag(ops::NOEXEC, fs::MOUNT_NOEXEC)
}
