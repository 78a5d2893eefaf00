//! A file is a room: one person reads it in one sitting.

use super::{Finding, Tree};

const MOST: usize = 500;
const MEDIAN: usize = 200;

/// The facade only joins the rooms, so it stays a page.
const FACADE: (&str, usize) = ("src/lib.rs", 80);

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut sizes = Vec::new();
    for (file, _) in tree.rust() {
        let lines = file.text.lines().count();
        sizes.push(lines);
        if lines > MOST {
            findings.push(Finding::error(&file.path, format!("{lines} lines, {MOST} at most: split it")));
        }
        if file.path == FACADE.0 && lines >= FACADE.1 {
            findings.push(Finding::error(&file.path, format!("{lines} lines; the facade stays below {}", FACADE.1)));
        }
    }
    sizes.sort_unstable();
    let median = sizes.get(sizes.len() / 2).copied().unwrap_or(0);
    if median > MEDIAN {
        findings.push(Finding::warning("*.rs", format!("the median file has {median} lines, {MEDIAN} is the aim")));
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_files_pass() {
        let most = "\n".repeat(MOST);
        assert_eq!(check(&Tree::of(&[("a/b.rs", &most), ("c.rs", ""), ("d.rs", ""), ("notes.md", &most)])), []);
        assert_eq!(check(&Tree::of(&[("src/lib.rs", &"\n".repeat(79))])), []);
    }

    #[test]
    fn large_ones_do_not() {
        let findings = check(&Tree::of(&[("a/b.rs", &"\n".repeat(MOST + 1)), ("c.rs", ""), ("d.rs", "")]));
        assert_eq!(findings, [Finding::error("a/b.rs", "501 lines, 500 at most: split it")]);
        assert_eq!(check(&Tree::of(&[("src/lib.rs", &"\n".repeat(80))])).len(), 1);
        let median = check(&Tree::of(&[("a.rs", &"\n".repeat(201))]));
        assert_eq!(median, [Finding::warning("*.rs", "the median file has 201 lines, 200 is the aim")]);
    }
}
