//! Directories, files and links on the empty root.
use super::parent::Parent;
use super::relative;
use crate::ops::Op;
use crate::plan::Plan;
use crate::report::{During, Refusal};
use crate::sys::{self, EEXIST, Fd, fs};
use crate::wire::Step;
use core::ffi::CStr;

/// Makes them: directories first, then files, then links, so that no path can lead through a link, in whatever order
/// the plan has them.
pub fn make(plan: &Plan<'_>, root: &Fd) -> Result<(), Refusal> {
    for (index, op) in plan.ops.clone().enumerate() {
        if let Op::Dir { path, mode } = op {
            match fs::mkdir(root.raw(), relative(path), mode) {
                Err(EEXIST) => {}
                other => other.at(Step::Directory, index)?,
            }
        }
    }
    for (index, op) in plan.ops.clone().enumerate() {
        if let Op::File { path, mode, data } = op {
            file(root, path, mode, data).at(Step::File, index)?;
        }
    }
    // A link at the top needs no walk; below it, the walk to its directory follows no other link.
    let mut parents = Parent::new(fs::RESOLVE_BENEATH | fs::NO_LINKS);
    for (index, op) in plan.ops.clone().enumerate() {
        if let Op::Link { path, target } = op {
            let (dir, name) = parents.of(root.raw(), relative(path)).at(Step::Link, index)?;
            fs::symlink(target, dir, name).at(Step::Link, index)?;
        }
    }
    Ok(())
}

fn file(root: &Fd, path: &CStr, mode: u32, mut data: &[u8]) -> sys::Result {
    let file = fs::create(root.raw(), relative(path), mode)?;
    while !data.is_empty() {
        let written = sys::write(file.raw(), data)?;
        data = data.get(written..).unwrap_or(&[]);
    }
    Ok(())
}
