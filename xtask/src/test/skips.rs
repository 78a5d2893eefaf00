//! A test that cannot run is never silent: it appends one line `SKIPPED NAME: REASON` to the file that the variable
//! `NIX_JAIL_SKIPS` names, and ends. Its runner calls that a pass; here it is taken off the passes and counted. NAME is
//! what `--require` demands; the demand is also in `NIX_JAIL_REQUIRE`, so that a test may fail at once.

use crate::Result;
use std::collections::BTreeSet;
use std::ffi::OsString;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

pub(crate) const FILE: &str = "NIX_JAIL_SKIPS";
pub(crate) const REQUIRE: &str = "NIX_JAIL_REQUIRE";

#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Skip {
    pub(crate) name: String,
    pub(crate) reason: String,
}

impl Skip {
    pub(crate) fn new(name: &str, reason: &str) -> Skip {
        Skip { name: name.to_owned(), reason: reason.to_owned() }
    }

    /// A line that breaks the protocol still counts, under a name that says so.
    fn parse(line: &str) -> Skip {
        let told = line.strip_prefix("SKIPPED ").and_then(|rest| rest.split_once(": "));
        told.map_or_else(|| Skip::new("unreadable-skip-line", line), |(name, reason)| Skip::new(name, reason))
    }
}

impl std::fmt::Display for Skip {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SKIPPED {}: {}", self.name, self.reason)
    }
}

/// Which skips are failures.
#[derive(Debug, Default)]
pub(crate) struct Require {
    names: BTreeSet<String>,
    all: bool,
    /// Whether everything that set-up finds on this machine is demanded as well.
    take_available: bool,
}

impl Require {
    /// Adds the names of one `--require`: `all`, `available`, or names of parts and walls.
    pub(crate) fn add(&mut self, list: &str) -> Result {
        for name in list.split(',') {
            let word = |byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
            match name {
                "all" => self.all = true,
                "available" => self.take_available = true,
                _ if !name.is_empty() && name.bytes().all(word) => _ = self.names.insert(name.to_owned()),
                _ => return Err(format!("--require: {name:?} is not a name (a-z, 0-9 and - only)")),
            }
        }
        Ok(())
    }

    /// What this machine turned out to have: a test must not skip for want of it.
    pub(crate) fn available(&mut self, names: Vec<String>) {
        if self.take_available {
            self.names.extend(names);
        }
    }

    pub(crate) fn demands(&self, name: &str) -> bool {
        self.all || self.names.contains(name)
    }

    fn list(&self) -> String {
        let all = self.all.then_some("all");
        all.into_iter().chain(self.names.iter().map(String::as_str)).collect::<Vec<_>>().join(",")
    }
}

/// The file that tests append to.
#[derive(Debug)]
pub(crate) struct Ledger(PathBuf);

impl Ledger {
    pub(crate) fn new(dir: &Path) -> Result<Ledger> {
        let path = dir.join("skips");
        // Open to all: the ordinary user's tests append to it too.
        let made = File::create(&path).and_then(|_| fs::set_permissions(&path, Permissions::from_mode(0o666)));
        made.map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Ledger(path))
    }

    /// What a test must be given to take part.
    pub(crate) fn vars(&self, require: &Require) -> Vec<(String, OsString)> {
        vec![(FILE.to_owned(), self.0.clone().into()), (REQUIRE.to_owned(), require.list().into())]
    }

    pub(crate) fn read(&self) -> Vec<Skip> {
        let text = fs::read(&self.0).unwrap_or_default();
        String::from_utf8_lossy(&text).lines().filter(|line| !line.is_empty()).map(Skip::parse).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_and_bad_ones_are_not_lost() {
        assert_eq!(Skip::parse("SKIPPED node: not here: sorry"), Skip::new("node", "not here: sorry"));
        assert_eq!(Skip::parse("skipping").name, "unreadable-skip-line");
    }

    #[test]
    fn demands() {
        let mut require = Require::default();
        require.add("node,available").expect("names");
        require.available(vec!["git".to_owned()]);
        assert!(require.demands("node") && require.demands("git") && !require.demands("perl"));
        assert_eq!(require.list(), "git,node");
        require.add("all").expect("a name");
        assert!(require.demands("perl") && require.list().starts_with("all,"));
        assert!(require.add("").is_err() && require.add("a,,b").is_err());
    }

    #[test]
    fn what_was_found_is_only_demanded_when_asked() {
        let mut require = Require::default();
        require.available(vec!["git".to_owned()]);
        assert!(!require.demands("git"));
    }
}
