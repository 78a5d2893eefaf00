//! Counting what a test runner said it did.

use std::fmt;
use std::ops::AddAssign;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) passed: usize,
    pub(crate) failed: usize,
    pub(crate) skipped: usize,
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Tally) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// The plain closing line that CI systems read.
impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} passed, {} failed, {} skipped", self.passed, self.failed, self.skipped)
    }
}

impl Tally {
    /// Adds up every closing line in a runner's output. None when there was none: the runner never got to its end.
    pub(crate) fn of(lines: &[String]) -> Option<Tally> {
        let mut sum = None;
        for line in lines {
            let closing = libtest(line).or_else(|| nextest(line)).or_else(|| plain(line));
            if let Some(tally) = closing {
                *sum.get_or_insert(Tally::default()) += tally;
            }
        }
        sum
    }
}

/// `test result: ok. 3 passed; 0 failed; 1 ignored; 0 measured; 2 filtered out; finished in 0.00s`
fn libtest(line: &str) -> Option<Tally> {
    let (_, counts) = line.strip_prefix("test result: ")?.split_once(". ")?;
    Some(add_up(counts.split("; ")))
}

/// `     Summary [   0.012s] 5 tests run: 4 passed (1 slow), 1 timed out, 0 skipped`
fn nextest(line: &str) -> Option<Tally> {
    let (_, counts) = line.trim_start().strip_prefix("Summary [")?.split_once(" run: ")?;
    // What stands in parentheses is part of the count before it, not one of its own.
    let mut depth = 0_usize;
    let plain: String = counts
        .chars()
        .filter(|char| {
            depth += usize::from(*char == '(');
            let inside = depth > 0;
            depth -= usize::from(*char == ')' && inside);
            !inside
        })
        .collect();
    Some(add_up(plain.split(", ")))
}

/// `7 passed, 0 failed, 2 skipped`, with at most one word and a colon before it: what a harness of our own prints.
fn plain(line: &str) -> Option<Tally> {
    let counts = match line.split_once(": ") {
        Some((word, counts)) if !word.contains(' ') => counts,
        Some(_) => return None,
        None => line,
    };
    let words: Vec<&str> = counts.split(", ").filter_map(|count| count.split(' ').nth(1)).collect();
    let known = matches!(words.as_slice(), ["passed", "failed"] | ["passed", "failed", "skipped"]);
    (known && counts.starts_with(|first: char| first.is_ascii_digit())).then(|| add_up(counts.split(", ")))
}

fn add_up<'a>(counts: impl Iterator<Item = &'a str>) -> Tally {
    let mut tally = Tally::default();
    for count in counts {
        let Some((number, what)) = count.trim().split_once(' ') else { continue };
        let number: usize = number.parse().unwrap_or(0);
        match what.trim() {
            "passed" => tally.passed += number,
            "skipped" | "ignored" => tally.skipped += number,
            // "1 failed", "1 timed out", "1 exec failed": all that is neither good nor left out.
            "measured" | "filtered out" => {}
            what if what.starts_with("finished") => {}
            _ => tally.failed += number,
        }
    }
    tally
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Option<(usize, usize, usize)> {
        Tally::of(&[line.to_owned()]).map(|tally| (tally.passed, tally.failed, tally.skipped))
    }

    #[test]
    fn closing_lines_of_each_runner() {
        let libtest =
            "test result: FAILED. 3 passed; 2 failed; 1 ignored; 0 measured; 4 filtered out; finished in 0.00s";
        assert_eq!(of(libtest), Some((3, 2, 1)));
        assert_eq!(of("     Summary [   0.012s] 5 tests run: 5 passed, 0 skipped"), Some((5, 0, 0)));
        let mixed =
            " Summary [ 9.1s] 9 tests run: 5 passed (1 slow, 1 leaky), 2 failed, 1 timed out, 1 exec failed, 3 skipped";
        assert_eq!(of(mixed), Some((5, 4, 3)));
        assert_eq!(of("conformance: 7 passed, 1 failed, 2 skipped"), Some((7, 1, 2)));
        assert_eq!(of("7 passed, 1 failed"), Some((7, 1, 0)));
    }

    #[test]
    fn other_lines_count_nothing() {
        for line in ["", "test a::b ... ok", "error: 1 passed, 0", "the job said: 7 passed, 1 failed", "passed, failed"]
        {
            assert_eq!(of(line), None, "{line}");
        }
    }

    #[test]
    fn several_binaries_add_up() {
        let line = "test result: ok. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s";
        let sum = Tally::of(&[line.to_owned(), "x".to_owned(), line.to_owned()]).expect("two closing lines");
        assert_eq!(sum.to_string(), "4 passed, 0 failed, 0 skipped");
    }
}
