//! What it costs to start a job and to see its end, beside a bare vfork+exec and beside bwrap: `cargo bench`.
//!
//! Every subject runs once a round, and all reports, criterion's and the tables that follow them, are of the same rounds:
//! so all subjects see the same noise. Started as root, the bench becomes an ordinary user first, unless
//! `NIX_JAIL_BENCH_AS_ROOT=1`; it stays on one core. The CLI is `NIX_JAIL_BIN`, or lies where cargo puts it.
//! `NIX_JAIL_BENCH_PAUSE_MS` lets the kernel finish with one subject before the next.
//! `docs/design/spawn.md` says what came out.

mod flight;
mod memory;
mod observer;
mod parent;
mod peers;
mod place;
mod rounds;
mod stage;
mod subjects;
mod table;

use criterion::{Criterion, SamplingMode};
use std::time::Duration;

use rounds::Rounds;
use stage::Stage;

fn main() {
    let args: Vec<String> = std::env::args().collect();
    match args.get(1).map(String::as_str) {
        Some(parent::ARGUMENT) => return parent::run(&args[2..]),
        Some(observer::ARGUMENT) => return observer::run(),
        _ => {}
    }
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    // Without --bench, cargo only wants to know whether the bench works.
    let counts = has("--bench") && !has("--test");
    let quick = has("--quick");
    let mut stage = Stage::set();
    let mut rounds = Rounds::new(subjects::all(&stage));
    rounds.run(match (counts, quick) {
        (false, _) => 1,
        (true, true) => 40,
        (true, false) => 300,
    });
    let mut criterion = Criterion::default().output_directory(&stage.reports).configure_from_args();
    report(&mut criterion, &mut rounds);
    criterion.final_summary();
    if counts {
        table::times(&rounds, &stage);
        flight::run(&stage, quick);
        memory::run(&mut stage);
    }
}

/// Criterion's own reports, from the times of the rounds.
fn report(criterion: &mut Criterion, rounds: &mut Rounds) {
    const SAMPLES: usize = 100;
    let mut group = criterion.benchmark_group("spawn");
    group.sampling_mode(SamplingMode::Flat).sample_size(SAMPLES).warm_up_time(Duration::from_millis(10));
    for at in 0..rounds.len() {
        // Enough for two runs a sample: with one, criterion warns.
        group.measurement_time(rounds.median(at) * SAMPLES as u32 * 2);
        group.bench_function(rounds.name(at), |bencher| bencher.iter_custom(|times| rounds.replay(at, times)));
    }
    group.finish();
}
