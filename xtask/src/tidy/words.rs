//! Words that must not stand in code, or only in some rooms.

use super::source::Source;
use super::{Finding, Tree};

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (file, source) in tree.rust() {
        let mut bad = |line: usize, what: &str| findings.push(Finding::error(format!("{}:{line}", file.path), what));
        if !may_be_unsafe(&file.path) {
            for line in source.lines_with_word("unsafe") {
                bad(line, "`unsafe` outside of sys/ and helper/");
            }
        }
        for line in lines(source, |line| line.contains("todo!(") || line.contains("unimplemented!(")) {
            bad(line, "unfinished: what does not work yet is an error that says so");
        }
        for line in lines(source, is_ignored) {
            bad(line, "an ignored test: one that cannot run says SKIPPED and is counted");
        }
        for (index, line) in file.text.lines().enumerate() {
            if is_ignored_doc(line) {
                bad(index + 1, "an ignored doc test: use no_run, so that it is at least compiled");
            }
        }
    }
    findings
}

/// A directory or file called `sys`, or anything under `helper/`: the rooms where each block is argued for.
fn may_be_unsafe(path: &str) -> bool {
    let (dirs, file) = path.rsplit_once('/').unwrap_or(("", path));
    file == "sys.rs" || dirs.split('/').any(|dir| dir == "sys" || dir == "helper")
}

fn lines(source: &Source, is_bad: fn(&str) -> bool) -> Vec<usize> {
    source.code.lines().enumerate().filter(|(_, line)| is_bad(line)).map(|(index, _)| index + 1).collect()
}

/// `#[ignore]`, `#[ignore = ".."]`, or the same by `cfg_attr`.
fn is_ignored(line: &str) -> bool {
    let packed: String = line.chars().filter(|char| !char.is_whitespace()).collect();
    packed.contains("#[ignore") || (packed.contains("#[cfg_attr(") && packed.contains(",ignore"))
}

fn is_ignored_doc(line: &str) -> bool {
    let line = line.trim_start();
    let doc = line.strip_prefix("///").or_else(|| line.strip_prefix("//!"));
    doc.and_then(|doc| doc.trim_start().strip_prefix("```")).is_some_and(|fence| {
        // `ignore-windows` and the like still run where it matters.
        fence.split(',').any(|word| word.trim() == "ignore")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)])).len()
    }

    #[test]
    fn unsafe_has_its_rooms() {
        let text = "fn f() { unsafe { g() } }";
        for good in ["nix-jail-linux/src/sys/mount.rs", "nix-jail-linux/helper/init.rs", "nix-jail-core/src/sys.rs"] {
            assert_eq!(findings(good, text), 0, "{good}");
        }
        for bad in ["src/lib.rs", "nix-jail-linux/src/system/mount.rs", "nix-jail-linux/tests/it.rs"] {
            assert_eq!(findings(bad, text), 1, "{bad}");
        }
        assert_eq!(findings("src/lib.rs", "//! no unsafe\n#![forbid(unsafe_code)]\nconst A: &str = \"unsafe\";"), 0);
    }

    #[test]
    fn nothing_unfinished() {
        for bad in ["fn f() { todo!() }", "fn f() { unimplemented!(\"x\") }"] {
            assert_eq!(findings("a.rs", bad), 1, "{bad}");
        }
        assert_eq!(findings("a.rs", "// todo!()\nfn f() { g(\"todo!()\") }"), 0);
    }

    #[test]
    fn nothing_ignored() {
        for bad in
            ["#[ignore]", "# [ ignore = \"slow\" ]", "#[cfg_attr(miri, ignore)]", "/// ```ignore", "//! ```rust,ignore"]
        {
            assert_eq!(findings("a.rs", bad), 1, "{bad}");
        }
        for good in ["// #[ignore]", "/// ```no_run", "/// ignore", "fn ignore() {}", "#[cfg_attr(x, must_use)]"] {
            assert_eq!(findings("a.rs", good), 0, "{good}");
        }
    }
}
