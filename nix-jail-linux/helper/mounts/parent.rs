//! Directories on the way to what is made or mounted.
use crate::read::PATH_MAX;
use crate::sys::{self, Fd, fs};
use crate::text::Text;
use core::ffi::CStr;

/// The directory that was opened last: entries of one directory mostly follow each other.
pub struct Parent<'a> {
    resolve: u64,
    path: &'a [u8],
    dir: Option<Fd>,
}

impl<'a> Parent<'a> {
    pub fn new(resolve: u64) -> Self {
        Self { resolve, path: &[], dir: None }
    }

    /// The directory of `path` seen from `from`, and the last name of it, which the caller does not follow.
    pub fn of(&mut self, from: i32, path: &'a CStr) -> sys::Result<(i32, &'a CStr)> {
        let (parent, name) = split(path);
        if parent.is_empty() {
            return Ok((from, name));
        }
        let dir = match self.dir.take().filter(|_| self.path == parent) {
            Some(dir) => dir,
            None => {
                let mut text = Text::<PATH_MAX>::new();
                fs::open(from, text.push(parent).as_cstr(), fs::O_PATH | fs::O_DIRECTORY, self.resolve)?
            }
        };
        self.path = parent;
        Ok((self.dir.insert(dir).raw(), name))
    }
}

/// The directory part of a path and its last name. An absolute path with one name, and a lone name, have none: seen from
/// the root directory, both are that name.
pub fn split(path: &CStr) -> (&[u8], &CStr) {
    let bytes = path.to_bytes_with_nul();
    let name = bytes.iter().rposition(|byte| *byte == b'/').map_or(0, |slash| slash + 1);
    let parent = bytes.get(..name.saturating_sub(1)).unwrap_or(&[]);
    (parent, bytes.get(name..).and_then(|name| CStr::from_bytes_with_nul(name).ok()).unwrap_or(c"."))
}
