//! Directories, files and links on the empty root.
use super::{relative, split};
use crate::ops::Op;
use crate::plan::Plan;
use crate::read::PATH_MAX;
use crate::report::{During, Refusal};
use crate::sys::{self, EEXIST, Fd, fs};
use crate::text::Text;
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
    for (index, op) in plan.ops.clone().enumerate() {
        if let Op::Link { path, target } = op {
            link(root, path, target).at(Step::Link, index)?;
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

/// A link at the top needs no walk; below it, the walk to its directory follows no other link.
fn link(root: &Fd, path: &CStr, target: &CStr) -> sys::Result {
    let (parent, name) = split(relative(path));
    if parent.is_empty() {
        return fs::symlink(target, root.raw(), name);
    }
    let mut text = Text::<PATH_MAX>::new();
    let parent = text.push(parent).as_cstr();
    let parent = fs::open(root.raw(), parent, fs::O_PATH | fs::O_DIRECTORY, fs::RESOLVE_BENEATH | fs::NO_LINKS)?;
    fs::symlink(target, parent.raw(), name)
}
