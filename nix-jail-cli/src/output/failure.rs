//! What is said when a job did not run: what is wrong, why, and what would help.

use std::io;

use nix_jail::{Error, Feature};
use serde::Serialize;

use super::{REFUSED, Style, escaped, json, to_stderr};

/// Why there was no job. Its texts are safe to print.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct Failure {
    pub(crate) kind: Kind,
    /// The option that is wrong.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) field: Option<Box<str>>,
    /// The promise that cannot be kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) feature: Option<Feature>,
    pub(crate) message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) why: Option<Box<str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) fix: Option<String>,
    /// What else is known, a line each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) notes: Vec<String>,
}

/// What the caller can do about it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// The command line cannot be understood.
    Usage,
    /// The command line asks for what makes no sense.
    Invalid,
    /// A promise cannot be kept here.
    Unsupported,
    /// The machine does not let this user build the walls.
    Privilege,
    /// A job of this name is alive.
    Busy,
    /// The jail does not have the program.
    NotFound,
    /// The program cannot be executed.
    NotExecutable,
    /// It was ended before it ran.
    Cancelled,
    /// Something that normally works did not.
    Failed,
}

impl Failure {
    pub(crate) fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, field: None, feature: None, message: message.into(), why: None, fix: None, notes: Vec::new() }
    }

    /// Words that cannot be understood.
    pub(crate) fn usage(field: &str, message: String, fix: String) -> Self {
        let field = (!field.is_empty()).then(|| field.into());
        Self { field, fix: Some(fix), ..Self::new(Kind::Usage, message) }
    }

    /// A value that makes no sense, and the option that it was given to.
    pub(crate) fn invalid(field: impl Into<String>, reason: &str, fix: impl Into<String>) -> Self {
        let field = field.into().into_boxed_str();
        let message = format!("{field}: {}", escaped(reason));
        Self { field: Some(field), fix: Some(fix.into()), ..Self::new(Kind::Invalid, message) }
    }

    /// What the library says, except that fields are named as the caller typed them: that is
    /// [`Flags::explain`](crate::request::Flags::explain).
    pub(crate) fn of(error: &Error) -> Self {
        let fix = error.fix().map(escaped);
        let message = escaped(&error.to_string());
        match error {
            Error::InvalidSpec { .. } => Self { fix, ..Self::new(Kind::Invalid, message) },
            Error::Unsupported { feature, .. } => {
                Self { fix, feature: Some(*feature), ..Self::new(Kind::Unsupported, message) }
            }
            Error::Privilege { doing, why, .. } => {
                Self { why: Some(escaped(why).into()), fix, ..Self::new(Kind::Privilege, escaped(doing)) }
            }
            Error::Busy { .. } => {
                let fix = "wait for it, or choose another --name".to_owned();
                Self { fix: Some(fix), ..Self::new(Kind::Busy, message) }
            }
            Error::Cancelled => Self::new(Kind::Cancelled, "cancelled before the job ran"),
            Error::NotFound { .. } => Self::new(Kind::NotFound, message),
            Error::NotExecutable { .. } => Self::new(Kind::NotExecutable, message),
            _ => Self { why: causes(error), ..Self::new(Kind::Failed, message) },
        }
    }

    /// The word for it in JSON, where the reasons of jobs that ran stand.
    pub(crate) const fn reason(&self) -> &'static str {
        match self.kind {
            Kind::Failed => "failed",
            Kind::Cancelled => "cancelled",
            Kind::NotFound => "not-found",
            Kind::NotExecutable => "not-executable",
            _ => "refused",
        }
    }

    /// What to exit with.
    pub(crate) const fn exit(&self) -> u8 {
        match self.kind {
            Kind::NotFound => 127,
            Kind::NotExecutable => 126,
            Kind::Cancelled => 130,
            _ => REFUSED,
        }
    }

    /// Tells the caller, and says what to exit with.
    pub(crate) fn report(&self, as_json: bool) -> u8 {
        if as_json {
            json::refused(self);
        } else {
            to_stderr(&self.render(Style::of(&io::stderr())));
        }
        self.exit()
    }

    fn render(&self, style: Style) -> String {
        let verb = match self.kind {
            Kind::NotFound | Kind::NotExecutable | Kind::Cancelled => String::new(),
            Kind::Failed => format!("{} ", style.red("failed:")),
            _ => format!("{} ", style.red("refused:")),
        };
        let mut text = format!("{} {verb}{}\n", style.bold("nix-jail:"), self.message);
        let or = self.feature.map(|f| format!("run it anyway:  --allow-degraded {f}"));
        for (label, line) in [("why", self.why.as_deref()), ("fix", self.fix.as_deref()), ("or", or.as_deref())] {
            if let Some(line) = line {
                text += &format!("  {}   {line}\n", style.bold(&format!("{label:3}")));
            }
        }
        for note in &self.notes {
            text += &format!("  {note}\n");
        }
        text
    }
}

/// The chain of causes below an error.
fn causes(error: &Error) -> Option<Box<str>> {
    let first = std::error::Error::source(error)?;
    let chain = std::iter::successors(Some(first), |e| e.source());
    Some(chain.map(|e| escaped(&e.to_string())).collect::<Vec<_>>().join(": ").into())
}

#[cfg(test)]
mod tests {
    use std::fs::File;

    use super::*;

    fn plain(failure: &Failure) -> String {
        let nobody = File::open("/dev/null").unwrap();
        failure.render(Style::of(&nobody))
    }

    #[test]
    fn a_refusal_says_what_helps() {
        let refused = Error::Unsupported {
            feature: Feature::Memory,
            support: nix_jail::Support::BestEffort,
            how: "no cgroup is delegated to uid 1000".into(),
            fix: Some("systemctl edit user@.service".into()),
        };
        let text = plain(&Failure::of(&refused));
        assert_eq!(
            text,
            "nix-jail: refused: memory cannot be enforced here (no cgroup is delegated to uid 1000)\n\
             \x20 fix   systemctl edit user@.service\n\
             \x20 or    run it anyway:  --allow-degraded memory\n"
        );
    }

    #[test]
    fn a_failure_names_its_cause_and_nothing_is_raw() {
        let error = Error::backend("linux", "mounting \x1b[31m", io::Error::other("no\nspace"));
        let failure = Failure::of(&error);
        assert_eq!((failure.exit(), failure.reason()), (125, "failed"));
        assert_eq!(plain(&failure), "nix-jail: failed: linux: mounting \\x1b[31m\n  why   no\\nspace\n");
    }

    #[test]
    fn customary_exit_codes() {
        let missing = Failure::of(&Error::NotFound { program: "x".into() });
        assert_eq!((missing.exit(), plain(&missing).as_str()), (127, "nix-jail: x: not found in the jail\n"));
        let dir = Failure::of(&Error::NotExecutable { program: "/".into(), reason: "is a directory".into() });
        assert_eq!((dir.exit(), dir.reason()), (126, "not-executable"));
    }
}
