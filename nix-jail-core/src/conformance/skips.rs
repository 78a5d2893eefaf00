//! What could not be tested is told to whoever runs the tests.

use std::env;
use std::fs::OpenOptions;
use std::io::Write;

use super::Trouble;

/// The file that skips are appended to, one line each.
pub(super) const FILE: &str = "NIX_JAIL_SKIPS";
/// What must not be skipped: a list with commas.
const REQUIRE: &str = "NIX_JAIL_REQUIRE";

/// Notes a skip for the runner above us, and makes a failure of one that is demanded.
pub(super) fn settle(case: &str, outcome: Result<(), Trouble>) -> Result<(), Trouble> {
    let outcome = demand(outcome, &env::var(REQUIRE).unwrap_or_default());
    if let (Err(Trouble::Skipped { require, why }), Some(file)) = (&outcome, env::var_os(FILE)) {
        let line = format!("SKIPPED {require}: {case}: {}\n", why.replace('\n', " "));
        let appended = OpenOptions::new().append(true).create(true).open(file);
        // In one write, since others append to the same file.
        appended.and_then(|mut file| file.write_all(line.as_bytes()))?;
    }
    outcome
}

fn demand(outcome: Result<(), Trouble>, required: &str) -> Result<(), Trouble> {
    match outcome {
        Err(Trouble::Skipped { require, why }) if required.split(',').any(|r| r == require || r == "all") => {
            Err(Trouble::failed(format!("{require} is demanded, but {why}")))
        }
        outcome => outcome,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demanded_skip_is_a_failure() {
        let skipped = || Err(Trouble::skipped("node", "it is not here"));
        for required in ["node", "git,node", "all"] {
            assert!(matches!(demand(skipped(), required), Err(Trouble::Failed(_))), "{required}");
        }
        for required in ["", "git", "nodejs"] {
            assert_eq!(demand(skipped(), required), skipped(), "{required}");
        }
        assert_eq!(demand(Ok(()), "all"), Ok(()));
    }
}
