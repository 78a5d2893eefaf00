use std::any::Any;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::path::{Path, PathBuf};

use super::grounds::Grounds;
use crate::Jail;

/// Where one case is run: the jail, what is planted, and what the attack is told of it.
pub struct Bench {
    /// Made by the backend for this process.
    pub jail: Jail,
    /// The standard input of the attack and of its control; none = `/dev/null`.
    pub stdin: Option<File>,
    pub(super) grounds: Grounds,
    pub(super) env: BTreeMap<String, OsString>,
    kept: Vec<Box<dyn Any>>,
}

impl Bench {
    pub(super) fn new(jail: Jail, grounds: Grounds) -> Self {
        let secrets = std::env::join_paths(&grounds.secrets).unwrap_or_default();
        let env = BTreeMap::from([("SECRETS".to_owned(), secrets)]);
        Self { jail, stdin: None, grounds, env, kept: Vec::new() }
    }

    /// A directory of this case alone, which no job is shown. It has a `secret` in it.
    pub fn dir(&self) -> &Path {
        &self.grounds.dir
    }

    /// A directory to give to jobs. Controls start in it.
    pub fn work(&self) -> PathBuf {
        self.grounds.dir.join("work")
    }

    /// Sets a variable for the attack and its control.
    pub fn tell(&mut self, name: &str, value: impl Into<OsString>) {
        self.env.insert(name.to_owned(), value.into());
    }

    /// Keeps something alive until the case is over.
    pub fn keep<T: 'static>(&mut self, thing: T) {
        self.kept.push(Box::new(thing));
    }
}

impl fmt::Debug for Bench {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Bench").field("grounds", &self.grounds).finish_non_exhaustive()
    }
}
