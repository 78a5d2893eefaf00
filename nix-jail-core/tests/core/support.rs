//! What several modules need.

use std::time::Duration;

use nix_jail_core::fake::{Fake, Part, Program, Step};
use nix_jail_core::{Jail, JobId, JobSpec};

/// Longer than anything here takes on a busy machine.
pub(crate) const LONG: Duration = Duration::from_secs(20);

/// The steps of the way to a program that runs.
pub(crate) const UP: [Step; 5] = [Step::Prepare, Step::Setup, Step::Spawn, Step::Attach, Step::Release];

/// The way back: newest first.
pub(crate) const DOWN: [Step; 3] =
    [Step::Cleanup(Part::Isolation), Step::Cleanup(Part::Network), Step::Cleanup(Part::Filesystem)];

/// A fake whose programs go on until they are ended, and a jail on it.
pub(crate) fn running() -> (Fake, Jail) {
    let fake = Fake::new();
    fake.program(|_| Program::runs());
    let jail = fake.jail();
    (fake, jail)
}

pub(crate) fn named(id: &str) -> JobSpec {
    let mut spec = JobSpec::new("program");
    spec.id = Some(JobId::new(id).expect("a good id"));
    spec
}

/// The part of the way back that belongs to the part of the way up that ends with `last`.
pub(crate) fn way_back(last: Step) -> &'static [Step] {
    match last {
        Step::Prepare => &DOWN[2..],
        Step::Setup => &DOWN[1..],
        _ => &DOWN[..],
    }
}

/// Up to and including `last`.
pub(crate) fn way_up(last: Step) -> Vec<Step> {
    let steps = UP.iter().position(|step| *step == last).expect("a step of the way up");
    UP[..=steps].to_vec()
}
