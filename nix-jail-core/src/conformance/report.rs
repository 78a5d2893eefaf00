use std::collections::BTreeMap;

/// What a payload said: for each thing that it tried, whether it escaped, and how.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// By name.
    tried: BTreeMap<String, Tried>,
    /// What it tried and this machine does not have.
    unavailable: Vec<String>,
    /// Whether it came to its last line.
    pub(super) done: bool,
    written: usize,
    /// Its other lines, for those who have to find out what went wrong.
    pub(super) said: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Tried {
    escaped: bool,
    detail: String,
}

impl Report {
    /// Reads `HELD: name`, `ESCAPED: name` (each with ` = detail`), `UNAVAILABLE: name` and `DONE`, a line each.
    pub(super) fn read(output: &[u8]) -> Self {
        let mut report = Self { written: output.len(), ..Self::default() };
        for line in String::from_utf8_lossy(output).lines() {
            match line.split_once(": ") {
                Some(("HELD", what)) => report.note(false, what),
                Some(("ESCAPED", what)) => report.note(true, what),
                Some(("UNAVAILABLE", what)) => report.unavailable.push(what.to_owned()),
                _ if line == "DONE" => report.done = true,
                _ => report.said.push(line.chars().take(400).collect()),
            }
        }
        report
    }

    /// Adds something that was found out from outside.
    pub fn found(&mut self, name: &str, escaped: bool, detail: impl Into<String>) {
        self.tried.insert(name.to_owned(), Tried { escaped, detail: detail.into() });
    }

    /// What escaped, with the details.
    pub(super) fn escaped(&self) -> Vec<String> {
        let escaped = self.tried.iter().filter(|(_, tried)| tried.escaped);
        escaped.map(|(name, tried)| format!("{name} ({})", tried.detail)).collect()
    }

    /// What held here and did not escape there: nobody has shown that it could.
    pub(super) fn held_in_both(&self, control: &Self) -> Vec<&str> {
        let escaped = |name: &str| control.tried.get(name).is_some_and(|tried| tried.escaped);
        self.tried.keys().map(String::as_str).filter(|name| !escaped(name)).collect()
    }

    /// What cannot be tried on this machine, if anything was said to be.
    pub(super) fn unavailable(&self) -> Option<String> {
        (!self.unavailable.is_empty()).then(|| self.unavailable.join(", "))
    }

    /// How much it wrote to stdout and stderr, in bytes.
    pub fn written(&self) -> usize {
        self.written
    }

    pub(super) fn is_empty(&self) -> bool {
        self.tried.is_empty()
    }

    /// The last lines that it said, for a message.
    pub(super) fn tail(&self) -> String {
        let from = self.said.len().saturating_sub(8);
        self.said[from..].join(" | ")
    }

    fn note(&mut self, escaped: bool, what: &str) {
        let (name, detail) = what.split_once(" = ").unwrap_or((what, ""));
        // Once escaped is escaped: a payload may try the same by several ways.
        if !self.tried.get(name).is_some_and(|tried| tried.escaped) {
            self.found(name, escaped, detail);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let report = Report::read(
            b"HELD: a = EPERM\nESCAPED: b = got it\nHELD: b\nUNAVAILABLE: x32 = ENOSYS\nnoise\nESCAPED: c: d\nDONE\n",
        );
        assert_eq!(report.escaped(), ["b (got it)", "c: d ()"]);
        assert!(report.done);
        assert_eq!((report.tail().as_str(), report.unavailable().as_deref()), ("noise", Some("x32 = ENOSYS")));
        let control = Report::read(b"ESCAPED: a\n");
        assert_eq!(report.held_in_both(&control), ["b", "c: d"]);
        assert!(!control.done && Report::read(b"").is_empty());
    }
}
