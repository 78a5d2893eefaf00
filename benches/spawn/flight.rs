//! Jobs a second, with many at once.

use std::thread;

use tokio::task::JoinSet;

use crate::stage::Stage;
use crate::{peers, subjects, table};

/// Prints the rates of the library and of bwrap, batches of each in turn.
pub(crate) fn run(stage: &Stage, quick: bool) {
    let runtime = subjects::threads();
    println!("\njobs a second ({}), in batches of each in turn:", stage.user);
    for in_flight in [8, 64] {
        let (batches, each) = if quick { (2, 64 / in_flight) } else { (7, 256 / in_flight) };
        let jobs = (in_flight * each) as f64;
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for _ in 0..batches {
            ours.push(jobs / subjects::time(|| runtime.block_on(library(stage, in_flight, each))).as_secs_f64());
            if stage.bwrap {
                theirs.push(jobs / subjects::time(|| bwrap(stage, in_flight, each)).as_secs_f64());
            }
        }
        table::rates(in_flight, &mut ours, &mut theirs);
    }
}

async fn library(stage: &Stage, in_flight: usize, each: usize) {
    let mut tasks = JoinSet::new();
    for _ in 0..in_flight {
        let (jail, spec) = (stage.jail.clone(), subjects::job(stage.place.root()));
        tasks.spawn(async move {
            for _ in 0..each {
                subjects::run(&jail, spec.clone()).await;
            }
        });
    }
    while let Some(ended) = tasks.join_next().await {
        ended.expect("no job fails");
    }
}

fn bwrap(stage: &Stage, in_flight: usize, each: usize) {
    thread::scope(|scope| {
        for _ in 0..in_flight {
            scope.spawn(|| {
                let mut command = peers::bwrap(stage.place.root(), &[]);
                (0..each).for_each(|_| peers::run(&mut command));
            });
        }
    });
}
