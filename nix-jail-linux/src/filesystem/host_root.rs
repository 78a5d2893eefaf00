//! [`Root::Host`](nix_jail_core::Root::Host): this machine's programs, and nothing that people keep on it.

use std::fs;
use std::path::Path;

use nix_jail_core::{Mount, Source};

use super::etc;

/// Top-level names that hold programs and libraries: symlinks into /usr on a merged system, directories elsewhere.
const PROGRAMS: [&str; 6] = ["/bin", "/sbin", "/lib", "/lib64", "/lib32", "/libx32"];

pub(super) fn mounts() -> Vec<Mount> {
    let mut mounts = vec![Mount::new(Source::Path("/usr".into()), "/usr")];
    mounts.extend(PROGRAMS.iter().filter_map(|name| as_it_is(Path::new(name))));
    mounts.extend(etc::mounts());
    mounts
}

/// A symlink as a symlink, a directory or file as a mount, anything else not at all.
pub(super) fn as_it_is(path: &Path) -> Option<Mount> {
    let kind = fs::symlink_metadata(path).ok()?.file_type();
    if kind.is_symlink() {
        return Some(Mount::new(Source::Symlink(fs::read_link(path).ok()?), path));
    }
    (kind.is_dir() || kind.is_file()).then(|| Mount::new(Source::Path(path.into()), path))
}
