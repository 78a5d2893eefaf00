//! Mounts of what the host has.
use super::parent::Parent;
use super::{memory, put, relative};
use crate::ops::{self, Bind, Op};
use crate::plan::Plan;
use crate::report::{During, Refusal};
use crate::sys::fs::NO_LINKS;
use crate::sys::{ENOENT, ESTALE, Fd, fs};
use crate::wire::Step;

/// A detached copy of the mounts at the bind's source, seen from the old root; `None` where an optional one is absent.
pub fn source(bind: &Bind<'_>, index: usize) -> Result<Option<Fd>, Refusal> {
    let source = match fs::open(fs::AT_FDCWD, bind.source, fs::O_PATH, NO_LINKS) {
        Err(ENOENT) if bind.flags & ops::OPTIONAL != 0 => return Ok(None),
        other => other.at(Step::Source, index)?,
    };
    if bind.flags & ops::IDENTITY != 0 {
        let stat = fs::stat(source.raw()).at(Step::SourceIdentity, index)?;
        if (stat.dev, stat.ino) != (bind.dev, bind.ino) {
            return Err(Refusal { step: Step::SourceIdentity, index: index as u32, errno: ESTALE });
        }
    }
    fs::clone_tree(source.raw(), c"").at(Step::SourceClone, index).map(Some)
}

/// Device nodes and pseudo-terminals: after the rest of the tree was made `nodev`.
pub fn devices(plan: &Plan<'_>, root: &Fd) -> Result<(), Refusal> {
    let (mut hosts, mut ours) = (Parent::new(NO_LINKS), Parent::new(NO_LINKS | fs::RESOLVE_BENEATH));
    for (index, op) in plan.ops.clone().enumerate() {
        match op {
            Op::Bind(bind) if bind.flags & ops::DEVICE != 0 => {
                let (dir, name) = hosts.of(fs::AT_FDCWD, bind.source).at(Step::Source, index)?;
                let mount = match fs::clone_tree(dir, name) {
                    Err(ENOENT) if bind.flags & ops::OPTIONAL != 0 => continue,
                    other => other.at(Step::SourceClone, index)?,
                };
                let flags = fs::MOUNT_NOSUID | fs::MOUNT_NOEXEC;
                fs::restrict(mount.raw(), flags, true).at(Step::Device, index)?;
                let (dir, name) = ours.of(root.raw(), relative(bind.target)).at(Step::Target, index)?;
                fs::attach(mount.raw(), dir, name).at(Step::Attach, index)?;
            }
            Op::Devpts { target } => {
                let mount = memory::devpts().at(Step::Devpts, index)?;
                put(root, &mount, target, index)?;
            }
            _ => {}
        }
    }
    Ok(())
}
