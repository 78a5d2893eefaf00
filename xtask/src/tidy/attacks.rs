//! `docs/attacks.md` is a promise a row: each attack has a test that bears its name, or says in which step it gets one.

use super::{Finding, Tree};
use std::collections::BTreeSet;

const TABLE: &str = "docs/attacks.md";

/// Steps that are done: nothing may still be pending for one of them.
const DONE: u32 = 1;

/// How a row is held.
#[derive(Debug, PartialEq, Eq)]
enum State<'a> {
    Tested(Vec<&'a str>),
    Pending(u32),
}

struct Row<'a> {
    line: usize,
    id: &'a str,
    state: Result<State<'a>, String>,
}

pub(super) fn check(tree: &Tree) -> Vec<Finding> {
    let Some(table) = tree.file(TABLE) else { return vec![Finding::error(TABLE, "is missing")] };
    let mut findings = Vec::new();
    let mut ids = BTreeSet::new();
    for row in rows(&table.text) {
        let mut bad = |what: String| findings.push(Finding::error(format!("{TABLE}:{} {}", row.line, row.id), what));
        if !is_id(row.id) {
            bad("an id is kebab-case".to_owned());
        }
        if !ids.insert(row.id) {
            bad("is there twice".to_owned());
        }
        match row.state {
            Err(why) => bad(why),
            Ok(State::Pending(step)) if step <= DONE => bad(format!("is pending for step {step}, which is done")),
            Ok(State::Pending(_)) => {}
            Ok(State::Tested(tests)) => {
                for test in tests.into_iter().filter(|test| !is_tested(tree, test)) {
                    bad(format!("no conformance case and no test function is called {test:?}"));
                }
            }
        }
    }
    if ids.is_empty() {
        findings.push(Finding::error(TABLE, "has no rows"));
    }
    findings
}

/// For the closing line.
pub(super) fn state(tree: &Tree) -> String {
    let rows = tree.file(TABLE).map(|table| rows(&table.text)).unwrap_or_default();
    let tested = rows.iter().filter(|row| matches!(row.state, Ok(State::Tested(_)))).count();
    format!("{tested} tested, {} pending", rows.len() - tested)
}

/// The rows of all tables: `| id | attack | must end in | state |`.
fn rows(text: &str) -> Vec<Row<'_>> {
    let lines = text.lines().enumerate().filter(|(_, line)| line.starts_with('|'));
    let rows = lines.map(|(index, line)| {
        let cells = cells(line);
        let id = cells.first().copied().unwrap_or_default();
        let state = match cells.as_slice() {
            [_, attack, end, state] if !attack.is_empty() && !end.is_empty() => parse(state),
            _ => Err(format!("has {} cells, not id, attack, must end in, state", cells.len())),
        };
        Row { line: index + 1, id, state }
    });
    rows.filter(|row| row.id != "id" && !row.id.starts_with("--")).collect()
}

/// `\|` is a bar in a cell, not between two.
fn cells(line: &str) -> Vec<&str> {
    let line = line.trim().trim_start_matches('|');
    let line = line.strip_suffix('|').unwrap_or(line);
    let mut cells = Vec::new();
    let mut start = 0;
    for (at, _) in line.match_indices('|').filter(|(at, _)| !line[..*at].ends_with('\\')) {
        cells.push(line[start..at].trim());
        start = at + 1;
    }
    cells.push(line[start..].trim());
    cells
}

fn parse(state: &str) -> Result<State<'_>, String> {
    if let Some(tests) = state.strip_prefix("tested: ") {
        let tests: Vec<&str> = tests.split(", ").collect();
        if tests.iter().all(|test| !test.is_empty()) {
            return Ok(State::Tested(tests));
        }
    }
    let step = state.strip_prefix("pending: step ").and_then(|step| step.parse().ok());
    step.map(State::Pending).ok_or_else(|| format!("{state:?} is neither `tested: NAME` nor `pending: step N`"))
}

fn is_id(id: &str) -> bool {
    let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9'));
    id.split('-').all(word)
}

/// A conformance case is data that bears the name as a string, in a room for tests; a test is a function of that name
/// (with `_` for `-`) under a test attribute. Comments do not count, and neither do the chores.
fn is_tested(tree: &Tree, name: &str) -> bool {
    let function = format!("fn {}(", name.replace('-', "_"));
    let mut sources = tree.rust().filter(|(file, _)| !file.path.starts_with("xtask/"));
    sources.any(|(file, source)| {
        let is_test = |(at, _): (usize, &str)| {
            let before = &source.code[..at];
            let item = before.rfind(['}', ';']).map_or(before, |end| &before[end..]);
            item.contains("#[") && item.contains("test")
        };
        // A name such as `environment` stands in many a string elsewhere.
        let holds_cases = file.path.contains("conformance") || file.path.split('/').any(|dir| dir == "tests");
        let is_case = holds_cases && source.strings.iter().any(|string| string == name);
        is_case || source.code.match_indices(&function).any(is_test)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEAD: &str = "| id | attack | must end in | state |\n| --- | --- | --- | --- |\n";

    fn findings(row: &str, code: &str) -> Vec<Finding> {
        check(&Tree::of(&[(TABLE, &format!("{HEAD}{row}\n")), ("nix-jail-core/src/conformance/files.rs", code)]))
    }

    #[test]
    fn a_row_with_a_test_passes() {
        let row = "| host-files | read ~/.ssh \\| more | not there | tested: host-files |";
        assert_eq!(findings(row, "Case { name: \"host-files\" }"), []);
        assert_eq!(findings(row, "use x;\n#[tokio::test(flavor = \"a\")]\nasync fn host_files() {}"), []);
        assert_eq!(findings("| later | x | y | pending: step 4 |", ""), []);
    }

    #[test]
    fn a_row_without_one_does_not() {
        let row = "| host-files | x | y | tested: host-files |";
        for code in ["// \"host-files\"", "fn host_files() {}", "#[test] fn host_files_too() {}", "\"host-files-x\""] {
            assert_eq!(findings(row, code).len(), 1, "{code}");
        }
        for row in ["| a | x | y | tested: |", "| a | x | y | tested soon |", "| a | x | y | |", "| a | x | y |"] {
            assert_eq!(findings(row, "").len(), 1, "{row}");
        }
        assert_eq!(findings("| a | x | y | tested: b, c |", "f(\"b\")").len(), 1);
        assert_eq!(findings("| a | x | y | pending: step 1 |", "").len(), 1);
        assert_eq!(findings("| A_b | x | y | pending: step 2 |", "").len(), 1);
    }

    #[test]
    fn the_table_itself() {
        assert_eq!(check(&Tree::of(&[])).len(), 1);
        assert_eq!(check(&Tree::of(&[(TABLE, HEAD)])).len(), 1);
        let twice = "| a | x | y | pending: step 2 |\n| a | x | y | pending: step 2 |";
        assert_eq!(findings(twice, "").len(), 1);
    }

    #[test]
    fn a_string_proves_something_only_among_tests() {
        let table = format!("{HEAD}| a | x | y | tested: a-b |\n");
        let findings = |path| check(&Tree::of(&[(TABLE, &table), (path, "f(\"a-b\")")])).len();
        assert_eq!(findings("nix-jail-cli/tests/it/attacks.rs"), 0);
        assert_eq!(findings("nix-jail-cli/src/cmd/run.rs"), 1);
        assert_eq!(findings("xtask/tests/x.rs"), 1);
    }

    #[test]
    fn counts() {
        let table = format!("{HEAD}| a | x | y | tested: a |\n| b | x | y | pending: step 2 |\n");
        assert_eq!(state(&Tree::of(&[(TABLE, &table)])), "1 tested, 1 pending");
    }
}
