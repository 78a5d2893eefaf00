//! A platform in memory: it builds no wall and starts no process, but keeps a journal, fails and hangs where it is told
//! to, and knows what it has made and not yet taken back. For tests of code that drives a [`Jail`].
//!
//! ```
//! use nix_jail_core::fake::{Fake, Program, Step};
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> nix_jail_core::Result<()> {
//! let fake = Fake::new();
//! fake.program(|spec| match spec.program.to_str() {
//!     Some("hello") => Program::exits(0).prints("hello\n"),
//!     _ => Program::not_found(),
//! });
//! let jail = fake.jail();
//! assert_eq!(jail.command("hello").output().await?.stdout, b"hello\n");
//!
//! fake.fail(Step::Attach, 1);
//! assert!(jail.command("hello").output().await.is_err());
//! assert!(fake.left().is_empty());
//! # Ok(())
//! # }
//! ```

mod process;
mod program;
mod providers;
mod script;

use std::sync::Arc;

pub use program::Program;
pub use script::{Part, Step};

use crate::{Capabilities, Exit, Feature, Jail, JobKey, JobSpec, Platform};
use providers::{FakeFilesystem, FakeIsolation, FakeNetwork};
use script::Script;

/// The hand that holds the strings. Clones share everything.
#[derive(Clone, Debug)]
pub struct Fake {
    script: Arc<Script>,
}

impl Default for Fake {
    fn default() -> Self {
        Self::new()
    }
}

impl Fake {
    /// Promises every feature, runs programs that end at once with 0, and never fails.
    pub fn new() -> Self {
        let all = Feature::ALL.iter().fold(Capabilities::none(), |all, f| all.enforced(*f, "says the fake"));
        let fake = Self::promising(Capabilities::none());
        fake.promise(Part::Isolation, all);
        fake
    }

    /// Promises this, and is otherwise as [`new`](Self::new).
    pub fn promising(capabilities: Capabilities) -> Self {
        let fake = Self { script: Arc::default() };
        fake.promise(Part::Isolation, capabilities);
        fake
    }

    /// What one provider promises. Has no effect on a [`Jail`] that exists.
    pub fn promise(&self, part: Part, capabilities: Capabilities) {
        self.script.state().capabilities.insert(part, capabilities);
    }

    /// What one provider makes of its promises when it sees a spec.
    pub fn review(&self, part: Part, review: impl Fn(&JobSpec, &mut Capabilities) + Send + Sync + 'static) {
        self.script.state().reviews.insert(part, Arc::new(review));
    }

    /// Which program stands behind a spec.
    pub fn program(&self, program: impl Fn(&JobSpec) -> Program + Send + Sync + 'static) {
        self.script.state().programs = Some(Arc::new(program));
    }

    /// The next calls of this step fail, this many times.
    pub fn fail(&self, step: Step, times: u32) {
        self.script.state().failures.insert(step, times);
    }

    /// Calls of this step do not return, until [`resume`](Self::resume).
    pub fn hang(&self, step: Step) {
        self.script.state().hanging.insert(step);
    }

    /// Lets the calls of a step return.
    pub fn resume(&self, step: Step) {
        self.script.state().hanging.remove(&step);
        self.script.changed();
    }

    /// The next calls of this step panic, this many times.
    pub fn panic(&self, step: Step, times: u32) {
        self.script.state().panics.insert(step, times);
    }

    /// Waits until a step has been called.
    pub async fn reached(&self, step: Step) {
        self.script.until(|state| state.journal.iter().any(|(called, _)| *called == step)).await;
    }

    /// Ends the program of a run that would go on otherwise.
    pub fn end(&self, run: &JobKey, exit: Exit) {
        self.script.end(run, exit);
    }

    /// What was called, in order.
    pub fn journal(&self) -> Vec<Step> {
        self.script.state().journal.iter().map(|(step, _)| *step).collect()
    }

    /// What was called for one run, in order.
    pub fn journal_of(&self, run: &JobKey) -> Vec<Step> {
        let state = self.script.state();
        state.journal.iter().filter(|(_, of)| of.as_ref() == Some(run)).map(|(step, _)| *step).collect()
    }

    /// What exists: made by a provider for a run, and not taken back.
    pub fn left(&self) -> Vec<(Part, JobKey)> {
        self.script.state().made.iter().cloned().collect()
    }

    /// The providers.
    pub fn platform(&self) -> Platform {
        Platform {
            filesystem: Arc::new(FakeFilesystem(self.script.clone())),
            network: Arc::new(FakeNetwork(self.script.clone())),
            isolation: Arc::new(FakeIsolation(self.script.clone())),
        }
    }

    /// A jail on them.
    pub fn jail(&self) -> Jail {
        Jail::new(self.platform())
    }
}
