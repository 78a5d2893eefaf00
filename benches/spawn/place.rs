//! A directory for this run of the bench, with the root that all jails get.

use std::fs;
use std::path::{Path, PathBuf};

use crate::peers;

/// Removed with everything in it when dropped.
pub(crate) struct Place {
    dir: PathBuf,
    root: PathBuf,
}

impl Place {
    /// A root with one program, and with the mount points that bwrap needs in it.
    pub(crate) fn make() -> Self {
        let dir = std::env::temp_dir().join(format!("nix-jail-bench-{}", std::process::id()));
        let root = dir.join("root");
        fs::create_dir(&dir).unwrap_or_else(|e| panic!("{}: {e}", dir.display()));
        let place = Self { dir, root };
        for name in ["bin", "proc", "dev", "tmp"] {
            fs::create_dir_all(place.root.join(name)).expect("the directory is ours");
        }
        peers::compile_true(&place.program());
        place
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn program(&self) -> PathBuf {
        self.root.join("bin/true")
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.dir);
    }
}
