use crate::{Error, Exit, Feature, Reason, Result, Usage};

/// What a fake program does when it is released.
#[derive(Clone, Debug)]
pub struct Program {
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
    pub(super) start: Start,
    /// `None` = it goes on until it is ended.
    pub(super) exit: Option<Exit>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Start {
    Works,
    NotFound,
    NotExecutable,
}

impl Program {
    /// Ends at once with this code.
    pub fn exits(code: i32) -> Self {
        Self::ends(Exit::new(Reason::Exited, Some(code), None, Usage::default()))
    }

    /// Ends at once by this signal.
    pub fn killed_by(signal: i32) -> Self {
        Self::ends(Exit::new(Reason::Signalled, None, Some(signal), Usage::default()))
    }

    /// Ends at once, at this limit.
    pub fn reaches(limit: Feature) -> Self {
        Self::ends(Exit::new(Reason::LimitReached(limit), None, Some(9), Usage::default()))
    }

    /// Ends at once in this way.
    pub fn ends(exit: Exit) -> Self {
        Self { exit: Some(exit), ..Self::runs() }
    }

    /// Goes on until it is killed or [`Fake::end`](super::Fake::end) ends it.
    pub fn runs() -> Self {
        Self { stdout: Vec::new(), stderr: Vec::new(), start: Start::Works, exit: None }
    }

    /// Is not in the jail.
    pub fn not_found() -> Self {
        Self { start: Start::NotFound, ..Self::runs() }
    }

    /// Cannot be executed.
    pub fn not_executable() -> Self {
        Self { start: Start::NotExecutable, ..Self::runs() }
    }

    /// And writes this to stdout first. Not more than a pipe holds.
    #[must_use]
    pub fn prints(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { stdout: bytes.into(), ..self }
    }

    /// And writes this to stderr first. Not more than a pipe holds.
    #[must_use]
    pub fn complains(self, bytes: impl Into<Vec<u8>>) -> Self {
        Self { stderr: bytes.into(), ..self }
    }

    pub(super) fn start(&self, name: &str) -> Result<()> {
        let program = name.to_owned();
        match self.start {
            Start::Works => Ok(()),
            Start::NotFound => Err(Error::NotFound { program }),
            Start::NotExecutable => Err(Error::NotExecutable { program, reason: "says the fake".into() }),
        }
    }
}
