//! [`Root::Dir`](nix_jail_core::Root::Dir): the top-level entries of a directory, read-only. The directory may be hostile:
//! no link in it is followed, and nothing is created in it.

use std::fs;
use std::path::Path;

use nix_jail_core::{Error, Mount, Result, Source};

use super::{HOME, WORKSPACE, granted, kernel_view};

/// What is the jail's own, whatever DIR has under these names.
const OWN: [&str; 5] = ["/proc", "/dev", "/tmp", WORKSPACE, HOME];

pub(super) fn mounts(dir: &Path) -> Result<Vec<Mount>> {
    let dir = granted::canonical("root", dir)?;
    if dir == Path::new("/") {
        return Err(Error::invalid(
            "root",
            "/ is the host itself, with all homes in it",
            "use the host root for this machine's programs",
        ));
    }
    kernel_view::refuse("root", &dir)?;
    let failed = |e: std::io::Error| {
        Error::invalid("root", format!("{} cannot be listed: {e}", dir.display()), "give a readable directory")
    };
    let mut mounts = Vec::new();
    for entry in fs::read_dir(&dir).map_err(failed)? {
        let entry = entry.map_err(failed)?;
        let target = Path::new("/").join(entry.file_name());
        if OWN.iter().any(|own| target == Path::new(own)) {
            continue;
        }
        let kind = entry.file_type().map_err(failed)?;
        if kind.is_symlink() {
            // It means in the jail what it says, and nothing outside it.
            let to = fs::read_link(entry.path()).map_err(failed)?;
            mounts.push(Mount::new(Source::Symlink(to), target));
        } else if kind.is_dir() || kind.is_file() {
            mounts.push(Mount::new(granted::look("root", &entry.path())?, target));
        }
    }
    Ok(mounts)
}
