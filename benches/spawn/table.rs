//! The figures of the table "spawn" in `docs/design/spawn.md`.

use std::time::Duration;

use crate::observer::Found;
use crate::rounds::Rounds;
use crate::stage::Stage;
use crate::subjects::{BARE, BWRAP, CLI, LARGE, LIBRARY, SMALL};

/// A ratio that the project wants: name, over what, the least to reach, the goal.
const RATIOS: [(&str, &str, f64, f64); 3] =
    [(CLI, BWRAP, 0.60, 0.35), (LIBRARY, BWRAP, 0.40, 0.25), (LARGE, SMALL, 1.1, 1.0)];

/// Prints how long everybody took.
pub(crate) fn times(rounds: &Rounds, stage: &Stage) {
    println!("\nstart and end of a static `true` ({}), {} rounds, microseconds:", stage.user, rounds.rounds());
    println!("{:24} {:>8} {:>8} {:>15} {:>15}", "", "median", "minimum", "/ bwrap", "/ vfork+exec");
    for at in 0..rounds.len() {
        let (median, minimum) = (micros(rounds.median(at)), micros(rounds.minimum(at)));
        let over = |other| rounds.find(other).map_or("-".into(), |other| ratio(rounds, at, other));
        println!("{:24} {median:8.0} {minimum:8.0} {:>15} {:>15}", rounds.name(at), over(BWRAP), over(BARE));
    }
    println!("\nmedian (minimum) {:>50} {:>6}", "must", "goal");
    for (subject, other, must, goal) in RATIOS {
        let both = rounds.find(subject).zip(rounds.find(other));
        let measured = both.map_or("SKIPPED".into(), |(at, other)| ratio(rounds, at, other));
        println!("{:50} {measured:>11} {must:6.2} {goal:6.2}", format!("{subject} / {other}"));
    }
}

/// Of the medians, and in parentheses of the minima.
fn ratio(rounds: &Rounds, at: usize, other: usize) -> String {
    let medians = micros(rounds.median(at)) / micros(rounds.median(other));
    let minima = micros(rounds.minimum(at)) / micros(rounds.minimum(other));
    format!("{medians:.2} ({minima:.2})")
}

fn micros(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// Prints the jobs a second of one number in flight.
pub(crate) fn rates(in_flight: usize, ours: &mut [f64], theirs: &mut [f64]) {
    let (median, best) = spread(ours);
    print!("{in_flight:3} in flight: library {median:5.0} (best {best:5.0})");
    if theirs.is_empty() {
        return println!();
    }
    let (their_median, their_best) = spread(theirs);
    let ratios = (median / their_median, best / their_best);
    println!(
        ", bwrap {their_median:5.0} ({their_best:5.0}), ratio {:.2} ({:.2}); must 1.3, goal 2.5",
        ratios.0, ratios.1
    );
}

fn spread(rates: &mut [f64]) -> (f64, f64) {
    rates.sort_unstable_by(f64::total_cmp);
    (rates[rates.len() / 2], rates[rates.len() - 1])
}

/// Prints the memory of one kind of jail.
pub(crate) fn memory(name: &str, found: Option<&Found>, bwrap: Option<&Found>) {
    let Some(found) = found else { return println!("{name:24} SKIPPED") };
    print!("{name:24} {} processes {:5} KiB", found.processes, found.pss_kib);
    match bwrap {
        Some(bwrap) => println!(", / bwrap {:.2}; must 1.0, goal 0.25", found.pss_kib as f64 / bwrap.pss_kib as f64),
        None => println!(),
    }
}
