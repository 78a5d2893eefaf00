use std::any::Any;
use std::cell::RefCell;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use super::grounds::Grounds;
use super::native::{self, Beside, Finished};
use super::run::LIMIT;
use crate::Jail;

/// Where one case is run: the jail, what is planted, and what the attack is told of it.
pub struct Bench {
    /// Made by the backend for this process.
    pub jail: Jail,
    /// The standard input of the attack and of its control; none = `/dev/null`.
    pub stdin: Option<File>,
    /// The path of the terminal that the standard input is, if it is one.
    pub(super) terminal: Vec<u8>,
    /// A process of the host that attacks are after.
    pub(super) victim: Option<RefCell<Beside>>,
    pub(super) grounds: Grounds,
    pub(super) env: BTreeMap<String, OsString>,
    kept: Vec<Box<dyn Any>>,
}

impl Bench {
    pub(super) fn new(jail: Jail, grounds: Grounds) -> Self {
        let secrets = std::env::join_paths(&grounds.secrets).unwrap_or_default();
        let env = BTreeMap::from([("SECRETS".to_owned(), secrets)]);
        Self { jail, stdin: None, terminal: Vec::new(), victim: None, grounds, env, kept: Vec::new() }
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

    /// Runs a line of `sh` on this machine, without a jail.
    pub(super) fn native_sh(&self, text: &str) -> io::Result<Finished> {
        let mut command = native::command("sh");
        command.args(["-c", text]).current_dir(self.work());
        native::run(command, self.dir(), LIMIT)
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
