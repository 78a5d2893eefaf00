//! What the steps of a test run add up to.

use super::Tally;
use super::skips::{Require, Skip};
use crate::Result;
use crate::proc::Finished;
use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(crate) struct Report {
    pub(crate) tally: Tally,
    skips: Vec<Skip>,
    /// Sentences, for the end: what failed is easily lost above.
    failures: Vec<String>,
}

impl Report {
    /// Adds what one runner did. A runner that fails without saying which test did, or that never got to its end, is
    /// one failure.
    pub(crate) fn count(&mut self, name: &str, outcome: Result<Finished>) {
        let done = match outcome {
            Ok(done) => done,
            Err(why) => return self.fail(&why),
        };
        let counted = Tally::of(&done.lines);
        let tally = counted.unwrap_or_default();
        self.tally += tally;
        if tally.failed > 0 {
            self.failures.push(format!("{name}: {} failed", tally.failed));
        } else if !done.ok {
            self.fail(&format!("{name}: {}", done.how));
        }
    }

    pub(crate) fn fail(&mut self, why: &str) {
        self.tally.failed += 1;
        self.failures.push(why.to_owned());
    }

    /// Something that set-up left out.
    pub(crate) fn skip(&mut self, skip: Skip) {
        println!("   {skip}");
        self.tally.skipped += 1;
        self.skips.push(skip);
    }

    /// A test that could not run, which its runner counted as passed.
    pub(crate) fn skipped_by_test(&mut self, skip: Skip) {
        self.tally.passed = self.tally.passed.saturating_sub(1);
        self.tally.skipped += 1;
        self.skips.push(skip);
    }

    /// Prints every skip, each kind once, and turns those that are demanded into failures.
    pub(crate) fn settle(&mut self, require: &Require) {
        let mut kinds: BTreeMap<&Skip, usize> = BTreeMap::new();
        for skip in &self.skips {
            *kinds.entry(skip).or_default() += 1;
        }
        let mut demanded = Vec::new();
        for (skip, times) in kinds {
            let times = if times > 1 { format!(" ({times} times)") } else { String::new() };
            println!("   {skip}{times}");
            if require.demands(&skip.name) {
                demanded.push(format!("{skip}, though --require demands it"));
            }
        }
        if self.skips.is_empty() {
            println!("   nothing");
        }
        for why in demanded {
            self.fail(&why);
        }
        for why in &self.failures {
            println!("   FAILED {why}");
        }
    }

    pub(crate) fn verdict(&self) -> Result {
        match self.failures.as_slice() {
            [] => Ok(()),
            [why] => Err(why.clone()),
            [first, rest @ ..] => Err(format!("{first} (and {} more, listed above)", rest.len())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn finished(ok: bool, line: &str) -> Result<Finished> {
        Ok(Finished { ok, how: "exit status: 101".to_owned(), lines: vec![line.to_owned()] })
    }

    #[test]
    fn a_skip_is_not_a_pass() {
        let mut report = Report::default();
        report.count("it", finished(true, "3 passed, 0 failed"));
        report.skipped_by_test(Skip::new("node", "not here"));
        report.settle(&Require::default());
        assert_eq!(report.tally.to_string(), "2 passed, 0 failed, 1 skipped");
        assert!(report.verdict().is_ok());
    }

    #[test]
    fn a_demanded_skip_is_a_failure() {
        let mut report = Report::default();
        let mut require = Require::default();
        require.add("node").expect("a name");
        report.skip(Skip::new("node", "not here"));
        report.settle(&require);
        assert!(report.verdict().is_err_and(|why| why.contains("node")));
    }

    #[test]
    fn failing_without_a_count_is_one_failure() {
        let mut report = Report::default();
        report.count("it", finished(false, "error: could not compile"));
        report.count("it", Err("cargo: not found".to_owned()));
        report.count("it", finished(false, "1 passed, 2 failed"));
        assert_eq!(report.tally.to_string(), "1 passed, 4 failed, 0 skipped");
        assert!(report.verdict().is_err());
    }
}
