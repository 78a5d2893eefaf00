//! What is laid out for one case before its process starts, and taken away when that is over, whatever became of it.

use std::collections::hash_map::RandomState;
use std::fs::{self, DirBuilder};
use std::hash::BuildHasher;
use std::io;
use std::os::unix::fs::DirBuilderExt;
use std::path::{Path, PathBuf};
use std::{env, process};

/// What the planted secrets say.
pub(super) const MARK: &str = "nix-jail-planted-secret";
/// A variable of the embedder, which is nobody else's business.
pub(super) const TOKEN: &str = "NIX_JAIL_PLANTED_TOKEN";

const DIR: &str = "NIX_JAIL_CASE_DIR";
const SECRETS: &str = "NIX_JAIL_CASE_SECRETS";

/// A directory for one case, with a secret and a place for workspaces in it, and more secrets where jobs must not see
/// any.
#[derive(Debug)]
pub(super) struct Grounds {
    pub(super) dir: PathBuf,
    pub(super) secrets: Vec<PathBuf>,
    /// Who takes them away. A fork, or a process that was told of them, does not.
    owner: Option<u32>,
}

impl Grounds {
    /// Lays them out.
    pub(super) fn lay() -> io::Result<Self> {
        let name = format!("nix-jail-case-{:016x}", RandomState::new().hash_one(process::id()));
        let dir = env::temp_dir().join(&name);
        let mut grounds = Self { dir: dir.clone(), secrets: Vec::new(), owner: Some(process::id()) };
        grounds.plant(&dir)?;
        DirBuilder::new().mode(0o755).create(dir.join("work"))?;
        for base in [env::var_os("HOME").map(PathBuf::from), Some("/var/tmp".into()), Some("/dev/shm".into())] {
            if let Some(base) = base.filter(|base| base.is_absolute() && *base != env::temp_dir()) {
                // Where the caller may not write, there are others.
                let _ = grounds.plant(&base.join(&name));
            }
        }
        Ok(grounds)
    }

    /// Those of this process, which was started for one case.
    pub(super) fn told() -> Option<Self> {
        let secrets = env::var_os(SECRETS)?;
        Some(Self { dir: env::var_os(DIR)?.into(), secrets: env::split_paths(&secrets).collect(), owner: None })
    }

    /// What the process of the case is told.
    pub(super) fn variables(&self) -> [(&'static str, PathBuf); 3] {
        let secrets = env::join_paths(&self.secrets).unwrap_or_default();
        [(DIR, self.dir.clone()), (SECRETS, secrets.into()), (TOKEN, MARK.into())]
    }

    fn plant(&mut self, dir: &Path) -> io::Result<()> {
        DirBuilder::new().mode(0o700).create(dir)?;
        let secret = dir.join("secret");
        self.secrets.push(secret.clone());
        fs::write(secret, MARK)
    }
}

impl Drop for Grounds {
    fn drop(&mut self) {
        if self.owner == Some(process::id()) {
            for dir in self.secrets.iter().filter_map(|secret| secret.parent()) {
                if let Err(e) = fs::remove_dir_all(dir) {
                    eprintln!("left behind: {}: {e}", dir.display());
                }
            }
        }
    }
}
