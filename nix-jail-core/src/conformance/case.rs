use std::fmt;
use std::future::Future;
use std::pin::Pin;

use super::{Bench, Report, Trouble};
use crate::{Feature, JailCommand};

/// One thing that a jail must withstand, or must not break.
#[derive(Clone, Copy)]
pub struct Case {
    /// In kebab-case; `docs/attacks.md` refers to it.
    pub name: &'static str,
    /// The promise that it is about. Where the platform does not promise it, the case is skipped, and a job that needs
    /// the promise must be refused.
    pub feature: Feature,
    /// Programs of this machine that it needs, to be found in the standard directories.
    pub needs: &'static [&'static str],
    /// Lines of `sh` that put the embedder's own process into a state before it starts. The case runs once for each.
    pub embedder: &'static [&'static str],
    /// What is laid out before: targets, and variables that tell the attack where they are.
    pub plant: fn(&mut Bench) -> Result<(), Trouble>,
    /// What is run in the jail.
    pub attack: Payload,
    /// What the attack is granted, limits included.
    pub grant: fn(&Bench, &mut JailCommand),
    /// How the attack must end.
    pub must_end: MustEnd,
    /// What is to be found out from outside, after the attack and after its control.
    pub after: fn(&Bench, &mut Report),
    /// How it is shown that the attack is one.
    pub control: Control,
}

/// What is run.
#[derive(Clone, Copy)]
pub enum Payload {
    /// A program for `sh`. It has the functions `held NAME [DETAIL]` and `escaped NAME [DETAIL]`.
    Sh(&'static str),
    /// A program for `python3`. It has the functions of `payloads/prelude.py`.
    Python(&'static str),
    /// Code that drives the jail itself, and does its own control.
    Drive(Drive),
}

/// Code of a case.
pub type Drive = for<'a> fn(&'a Bench) -> Pin<Box<dyn Future<Output = Result<(), Trouble>> + 'a>>;

/// How an attack must end. Whatever the end, nothing may have escaped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MustEnd {
    /// By itself, at its own last line, having tried at least one thing.
    Done,
    /// At this limit.
    Limit(Feature),
    /// At the wall clock limit.
    TimedOut,
}

/// The same payload where the wall is not. An attack must escape there: a test that cannot fail is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// On this machine, as the caller is.
    Native,
    /// On this machine, with as many rights as can be had without harm: in a mount namespace of its own, and for an
    /// ordinary user in a user namespace.
    Privileged,
    /// On this machine, behind this command: `sh -c LINE sh PAYLOAD..`.
    Behind(&'static str),
    /// On this machine, where it must hold as well: the case is no attack, but something that must work as usual.
    Same,
}

impl Case {
    /// A case that is granted nothing, to be completed: `Case { name: .., ..Case::PLAIN }`.
    pub const PLAIN: Self = Self {
        name: "",
        feature: Feature::PrivateProcesses,
        needs: &["sh"],
        embedder: &[""],
        plant: |_| Ok(()),
        attack: Payload::Sh(""),
        grant: |_, _| {},
        must_end: MustEnd::Done,
        after: |_, _| {},
        control: Control::Native,
    };

    /// The same for an attack written in Python.
    pub const PYTHON: Self = Self { needs: &["sh", "python3"], ..Self::PLAIN };
}

impl fmt::Debug for Case {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Case").field("name", &self.name).field("feature", &self.feature).finish_non_exhaustive()
    }
}
