//! The suite itself: on the fake platform, whose jobs say what the test wants, with controls that are real.

use std::collections::BTreeSet;

use super::grounds::Grounds;
use super::run::run;
use super::{Bench, CASES, Case, Control, MustEnd, Payload, Trouble};
use crate::fake::{Fake, Part, Program, Step};
use crate::{Capabilities, Feature};

const ESCAPES: &str = "escaped door; [ -n \"$CONTROL\" ]";
const HOLDS: &str = "held door";

/// Runs a case, in whose jail the job ends like this.
fn tried(case: Case, program: Program) -> Result<(), Trouble> {
    tried_on(&Fake::new(), case, program)
}

fn tried_on(fake: &Fake, case: Case, program: Program) -> Result<(), Trouble> {
    fake.program(move |_| program.clone());
    let mut bench = Bench::new(fake.jail(), Grounds::lay().expect("grounds"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(run(&case, &mut bench))
}

/// An attack whose control does this.
fn attack(control: &'static str) -> Case {
    Case { name: "test", attack: Payload::Sh(control), ..Case::PLAIN }
}

fn says(text: &str) -> Program {
    Program::exits(0).prints(text)
}

fn why(outcome: Result<(), Trouble>) -> String {
    match outcome {
        Err(Trouble::Failed(why)) => why,
        other => panic!("not a failure: {other:?}"),
    }
}

fn requires(outcome: Result<(), Trouble>) -> String {
    match outcome {
        Err(Trouble::Skipped { require, .. }) => require,
        other => panic!("not a skip: {other:?}"),
    }
}

#[test]
fn what_holds_and_can_escape_passes() {
    assert_eq!(tried(attack(ESCAPES), says("HELD: door\nDONE\n")), Ok(()));
}

#[test]
fn what_escapes_fails() {
    for text in ["ESCAPED: door = open\nDONE\n", "HELD: door\nESCAPED: window\nDONE\n", "ESCAPED: door\n"] {
        assert!(why(tried(attack(ESCAPES), says(text))).starts_with("escaped: "), "{text}");
    }
    // Whether or not its control escapes, and on stderr as well.
    why(tried(attack(HOLDS), says("ESCAPED: door\nDONE\n")));
    why(tried(attack(ESCAPES), says("HELD: door\nDONE\n").complains("ESCAPED: door\n")));
}

#[test]
fn what_does_not_come_to_its_end_fails() {
    why(tried(attack(ESCAPES), says("HELD: door\n")));
    why(tried(attack(ESCAPES), says("DONE\n")));
    why(tried(attack(ESCAPES), says("")));
    why(tried(attack(ESCAPES), Program::exits(1).prints("HELD: door\nDONE\n")));
    why(tried(attack(ESCAPES), Program::killed_by(9).prints("HELD: door\nDONE\n")));
    why(tried(attack(ESCAPES), Program::not_found()));
}

#[test]
fn a_control_that_does_not_escape_fails_the_case() {
    let held = || says("HELD: door\nDONE\n");
    for control in [HOLDS, "", "exit 1", "no-such-command"] {
        assert!(why(tried(attack(control), held())).contains("proves nothing"), "{control}");
    }
    // Unless it says that this machine has no such thing, which is told.
    assert_eq!(requires(tried(attack("echo 'UNAVAILABLE: door = this is a tent'"), held())), "control");
}

#[test]
fn what_is_no_attack_must_hold_outside_too() {
    let same = |text| Case { control: Control::Same, ..attack(text) };
    let held = || says("HELD: door\nDONE\n");
    assert_eq!(tried(same(HOLDS), held()), Ok(()));
    for text in [ESCAPES, "exit 1"] {
        assert_eq!(requires(tried(same(text), held())), "native");
    }
    why(tried(same(HOLDS), says("ESCAPED: door\nDONE\n")));
}

#[test]
fn a_limit_must_be_the_reason() {
    let limited = Case { must_end: MustEnd::Limit(Feature::CpuTime), ..attack(ESCAPES) };
    assert_eq!(tried(limited, Program::reaches(Feature::CpuTime)), Ok(()));
    why(tried(limited, Program::reaches(Feature::Output)));
    why(tried(limited, Program::killed_by(9)));
    why(tried(limited, says("HELD: door\nDONE\n")));
    why(tried(limited, Program::reaches(Feature::CpuTime).prints("ESCAPED: door\n")));
    why(tried(Case { must_end: MustEnd::TimedOut, ..limited }, Program::reaches(Feature::CpuTime)));
}

#[test]
fn a_program_that_is_missing_is_a_skip() {
    let case = Case { needs: &["sh", "nix-jail-no-such-program"], ..attack(ESCAPES) };
    assert_eq!(requires(tried(case, says("HELD: door\nDONE\n"))), "nix-jail-no-such-program");
}

#[test]
fn what_is_left_behind_fails_the_case() {
    let fake = Fake::new();
    fake.fail(Step::Cleanup(Part::Network), u32::MAX);
    assert!(why(tried_on(&fake, attack(ESCAPES), says("HELD: door\nDONE\n"))).contains("left behind"));
}

#[test]
fn what_is_not_promised_is_skipped_and_must_be_refused() {
    let all = Feature::ALL.iter().fold(Capabilities::none(), |all, f| all.enforced(*f, "test"));
    for case in CASES {
        let fake = Fake::promising(all.clone().best_effort(case.feature, "half", None));
        assert_eq!(requires(tried_on(&fake, *case, says(""))), case.feature.name(), "{}", case.name);
        assert_eq!(fake.journal(), [], "{}", case.name);
    }
    // A case about a promise that no job relies on would be skipped and prove nothing.
    let fake = Fake::promising(all.unsupported(Feature::Landlock, "none", None));
    let wanted = Case { feature: Feature::Landlock, ..attack(ESCAPES) };
    assert!(why(tried_on(&fake, wanted, says(""))).contains("is admitted"));
}

#[test]
fn a_platform_without_promises_skips_everything() {
    for case in CASES {
        requires(tried_on(&Fake::promising(Capabilities::none()), *case, says("")));
    }
}

#[test]
fn names_are_kebab_case_and_differ() {
    let names: BTreeSet<_> = CASES.iter().map(|case| case.name).collect();
    assert_eq!(names.len(), CASES.len());
    let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
    assert!(names.iter().all(|name| name.split('-').all(word)), "{names:?}");
}

#[test]
fn every_payload_is_used() {
    let here = concat!(env!("CARGO_MANIFEST_DIR"), "/src/conformance");
    // Away from the checkout there is nothing to compare with.
    let Ok(files) = std::fs::read_dir(format!("{here}/payloads")) else { return };
    let cases = std::fs::read_dir(format!("{here}/cases")).expect("cases");
    let read = |file: std::io::Result<std::fs::DirEntry>| std::fs::read_to_string(file.expect("an entry").path());
    let cases: String = cases.map(|file| read(file).expect("a case file")).collect();
    for file in files {
        let name = file.expect("an entry").file_name().into_string().expect("UTF-8");
        assert!(name.starts_with("prelude.") || cases.contains(&format!("payloads/{name}")), "{name}");
    }
}
