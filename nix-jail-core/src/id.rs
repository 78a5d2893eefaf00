//! Names of jobs and of their runs.

use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::str::FromStr;
use std::time::SystemTime;

use serde::{Deserialize, Serialize};

use crate::{Error, Result};

/// A caller's name for a job: 1 to 64 of `a-z A-Z 0-9 - _ .`, not starting with `.` or `-`.
///
/// The alphabet is what every place that a name reaches (a directory, a cgroup, a unit, a log line) takes as it is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct JobId(String);

impl JobId {
    /// The longest name, in bytes.
    pub const MAX_LEN: usize = 64;

    /// Checks a name.
    ///
    /// # Errors
    /// [`Error::InvalidSpec`] for the field `id`.
    pub fn new(name: impl Into<String>) -> Result<Self> {
        let name = name.into();
        let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        let fits = name.len() <= Self::MAX_LEN;
        let alphabet = name.bytes().all(|b| b.is_ascii_alphanumeric() || b"-_.".contains(&b));
        if starts_well && fits && alphabet {
            return Ok(Self(name));
        }
        let why = if !fits { "is longer than 64 bytes" } else { "has characters outside a-z A-Z 0-9 - _ ." };
        Err(Error::invalid(
            "id",
            format!("{name:?} {why}"),
            "use 1 to 64 of a-z A-Z 0-9 - _ . starting with a letter or digit",
        ))
    }

    /// A name for a job whose caller gave none, from the run's nonce.
    pub(crate) fn from_nonce(run: u64) -> Self {
        const CROCKFORD: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        Self((0..12).rev().map(|i| char::from(CROCKFORD[(run >> (i * 5)) as usize & 31])).collect())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for JobId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for JobId {
    type Err = Error;
    fn from_str(s: &str) -> Result<Self> {
        Self::new(s)
    }
}

impl TryFrom<String> for JobId {
    type Error = Error;
    fn try_from(s: String) -> Result<Self> {
        Self::new(s)
    }
}

impl From<JobId> for String {
    fn from(id: JobId) -> Self {
        id.0
    }
}

/// One *run*: the caller's id and a nonce that [`Jail::admit`](crate::Jail::admit) mints.
///
/// Everything a job holds is keyed by this, never by the id alone: a second start under a live id must not be able to
/// destroy the first one's resources.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct JobKey {
    /// The caller's name for the job.
    pub id: JobId,
    /// What tells this run from every other run under that name.
    pub run: u64,
}

impl JobKey {
    pub(crate) fn mint(id: Option<JobId>) -> Self {
        // RandomState is seeded by the operating system and differs at every call: unique, not secret. A fork of the
        // embedder goes on from the same seed, so who and when is mixed in.
        let run = RandomState::new().hash_one((std::process::id(), SystemTime::now()));
        Self { id: id.unwrap_or_else(|| JobId::from_nonce(run)), run }
    }
}

impl fmt::Display for JobKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:016x}", self.id, self.run)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_take_the_alphabet_and_nothing_else() {
        for good in ["a", "build-7", "x.y_z", "0", &"a".repeat(64)] {
            assert!(JobId::new(good).is_ok(), "{good}");
        }
        for bad in ["", ".", "..", "-rf", "a/b", "a b", "a\n", "ä", "a\0", &"a".repeat(65)] {
            assert!(JobId::new(bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn minted_ids_are_valid_and_differ() {
        let (a, b) = (JobKey::mint(None), JobKey::mint(None));
        assert_ne!(a, b);
        assert!(JobId::new(a.id.as_str()).is_ok());
    }
}
