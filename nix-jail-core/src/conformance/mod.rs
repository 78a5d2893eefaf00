//! The suite of cases that every backend runs: attacks that must fail, each with a positive control (the same attack
//! succeeds where the wall is not), and inputs that must work as they do without a jail.
//!
//! A backend's test binary has `harness = false` and one line:
//!
//! ```no_run
//! # fn my_platform() -> nix_jail_core::Platform { unimplemented!() }
//! fn main() -> std::process::ExitCode {
//!     nix_jail_core::conformance::main(|| nix_jail_core::Jail::new(my_platform()))
//! }
//! ```
//!
//! The binary speaks libtest's language as far as `cargo test` and cargo-nextest do. Each case runs in a process of its
//! own, since what is tested is what a process leaves behind, inherits and survives. What cannot be tested on a machine
//! is never silent: see [`Trouble::Skipped`].
//!
//! A case is data ([`Case`]); [`CASES`] holds all of them. To add one, add it to the file of its topic: a small program
//! that prints `HELD: name` or `ESCAPED: name` for each thing that it tries, and `DONE` at its end.

mod bench;
mod case;
mod cases;
mod grounds;
mod harness;
mod native;
mod report;
mod run;
mod skips;
#[cfg(all(test, feature = "fake"))]
mod tests;

pub use bench::Bench;
pub use case::{Case, Control, Drive, MustEnd, Payload};
pub use cases::CASES;
pub use harness::main;
pub use report::Report;

use std::error::Error as StdError;
use std::fmt;

use crate::Error;

/// Why a case did not pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trouble {
    /// A wall does not hold, or what should work does not.
    Failed(String),
    /// The case cannot be had on this machine. It is printed, counted, appended to the file that the variable
    /// `NIX_JAIL_SKIPS` names, and a failure where `NIX_JAIL_REQUIRE` lists `require` (or `all`).
    Skipped {
        /// What is missing: a program, a feature, a right.
        require: String,
        /// In what way.
        why: String,
    },
}

impl Trouble {
    pub(crate) fn failed(why: impl Into<String>) -> Self {
        Self::Failed(why.into())
    }

    pub(crate) fn skipped(require: impl Into<String>, why: impl Into<String>) -> Self {
        Self::Skipped { require: require.into(), why: why.into() }
    }
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failed(why) => write!(f, "FAILED {why}"),
            Self::Skipped { require, why } => write!(f, "SKIPPED {require}: {why}"),
        }
    }
}

impl From<Error> for Trouble {
    /// A job that is refused, since something cannot be promised here, is a skip.
    fn from(e: Error) -> Self {
        match &e {
            Error::Unsupported { feature, .. } => Self::skipped(feature.name(), e.to_string()),
            _ => Self::Failed(with_causes(&e)),
        }
    }
}

impl From<std::io::Error> for Trouble {
    fn from(e: std::io::Error) -> Self {
        Self::Failed(with_causes(&e))
    }
}

fn with_causes(e: &dyn StdError) -> String {
    let mut text = e.to_string();
    let mut cause = e.source();
    while let Some(e) = cause {
        text = format!("{text}: {e}");
        cause = e.source();
    }
    text
}
