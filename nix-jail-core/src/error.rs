//! What can go wrong, sorted by what the caller can do about it.

use std::error::Error as StdError;
use std::time::Duration;

use crate::{Feature, JobId, Support};

/// The result of everything here.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// Why a job was refused, or what failed. Nothing that belongs to the job is left behind by any of them but
/// [`Error::Leaked`], which names it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The spec asks for something that makes no sense; nothing was created.
    #[error("{field}: {reason}")]
    InvalidSpec {
        /// The field as a path, `mounts[2].target`.
        field: String,
        /// What is wrong with its value.
        reason: String,
        /// What to write instead.
        fix: Option<String>,
    },
    /// A promise that the spec needs cannot be kept here; nothing was created.
    #[error("{feature} cannot be {} here ({how})", .support.lacking())]
    Unsupported {
        /// The promise.
        feature: Feature,
        /// What can be had of it.
        support: Support,
        /// How it would be kept, or why it cannot.
        how: String,
        /// What would change that.
        fix: Option<String>,
    },
    /// A job of this id is alive.
    #[error("a job named {id} is running")]
    Busy {
        /// The id.
        id: JobId,
    },
    /// The program is not in the jail (exit code 127 by custom).
    #[error("{program}: not found in the jail")]
    NotFound {
        /// As the spec names it.
        program: String,
    },
    /// The program is there and cannot be executed (exit code 126 by custom).
    #[error("{program}: {reason}")]
    NotExecutable {
        /// As the spec names it.
        program: String,
        /// Why not.
        reason: String,
    },
    /// The machine does not let this user build the walls.
    #[error("{doing}: {why}")]
    Privilege {
        /// The step that was refused.
        doing: String,
        /// What refused it.
        why: String,
        /// The command or setting that would allow it.
        fix: Option<String>,
    },
    /// The job was cancelled before its program started.
    #[error("cancelled")]
    Cancelled,
    /// Something that should have ended did not.
    #[error("{doing} took longer than {after:?}")]
    Timeout {
        /// What was waited for.
        doing: String,
        /// For how long.
        after: Duration,
    },
    /// The backend failed at something that normally works.
    #[error("{backend}: {doing}")]
    Backend {
        /// Which provider.
        backend: &'static str,
        /// What it was doing.
        doing: String,
        /// The cause.
        source: Option<Box<dyn StdError + Send + Sync>>,
    },
    /// Clean-up did not succeed: these things are left on the machine.
    #[error("left behind: {}", .what.join(", "))]
    Leaked {
        /// One entry a thing.
        what: Vec<String>,
    },
}

impl Error {
    /// An [`Error::InvalidSpec`] with a fix.
    pub fn invalid(field: impl Into<String>, reason: impl Into<String>, fix: impl Into<String>) -> Self {
        Self::InvalidSpec { field: field.into(), reason: reason.into(), fix: Some(fix.into()) }
    }

    /// An [`Error::Backend`] with a cause.
    pub fn backend(
        backend: &'static str,
        doing: impl Into<String>,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        Self::Backend { backend, doing: doing.into(), source: Some(source.into()) }
    }

    /// The same error, its field (if it has one) placed below `parent`: `target` becomes `mounts[2].target`.
    #[must_use]
    pub fn within(self, parent: &str) -> Self {
        match self {
            Self::InvalidSpec { field, reason, fix } => {
                Self::InvalidSpec { field: format!("{parent}.{field}"), reason, fix }
            }
            other => other,
        }
    }

    /// What would help, where that is known.
    pub fn fix(&self) -> Option<&str> {
        match self {
            Self::InvalidSpec { fix, .. } | Self::Unsupported { fix, .. } | Self::Privilege { fix, .. } => {
                fix.as_deref()
            }
            _ => None,
        }
    }
}
