//! `nix-jail run`

use std::io;

use nix_jail::{Error, Exit, Feature, Reason};

use crate::args::RunArgs;
use crate::caller::Caller;
use crate::output::plan::Plan;
use crate::output::{self, Failure, Style, json, summary, to_stderr};
use crate::request::{self, Request, flag_of};
use crate::run::{self, Ended};

/// Runs a job, or says why not, and what to exit with.
pub(crate) fn run(args: &RunArgs) -> u8 {
    let caller = Caller::current();
    let done = request::build(args, &caller).and_then(|request| match args.dry_run {
        true => dry_run(&request, &caller, args.json),
        false => run::job(&request, &caller, args.json).map(|ended| tell(args, &request, &ended)),
    });
    done.unwrap_or_else(|failure| failure.report(args.json))
}

/// Says how the job ended, where it does not speak for itself, and what to exit with.
fn tell(args: &RunArgs, request: &Request, ended: &Ended) -> u8 {
    let Ended { key, exit, degraded } = ended;
    let code = code(exit);
    if args.json {
        json::result(key, exit, code, degraded);
        return code;
    }
    if let Some(why) = ending(exit) {
        output::note(&why, false);
    }
    if args.summary {
        to_stderr(&summary::render(key, exit, code, &request.spec, degraded, Style::of(&io::stderr())));
    }
    code
}

/// The exit code that stands for an ending.
fn code(exit: &Exit) -> u8 {
    let low = |n: i32| u8::try_from(n & 0xff).unwrap_or(u8::MAX);
    match exit.reason {
        Reason::Exited => low(exit.code.unwrap_or(0)),
        Reason::Signalled => low(128 + exit.signal.unwrap_or(0)),
        Reason::TimedOut => 124,
        Reason::LimitReached(_) => 137,
        Reason::Cancelled => 130,
        _ => output::REFUSED,
    }
}

/// Endings that are nix-jail's doing.
fn ending(exit: &Exit) -> Option<String> {
    let limit = |feature: Feature| match flag_of(feature) {
        Some(flag) => format!("the job was ended at its {feature} limit ({flag})"),
        None => format!("the job was ended at its {feature} limit"),
    };
    match exit.reason {
        Reason::Exited | Reason::Signalled | Reason::Cancelled => None,
        Reason::TimedOut => Some(limit(Feature::WallClock)),
        Reason::LimitReached(feature) => Some(limit(feature)),
        Reason::LauncherDied => Some("failed: what held the jail died, and the job with it".into()),
        other => Some(format!("the job ended: {other}")),
    }
}

/// Says what would be run. Finding out what this machine can promise makes a throwaway jail, and nothing of the job.
fn dry_run(request: &Request, caller: &Caller, as_json: bool) -> Result<u8, Failure> {
    let explain = |e: Error| request.flags.explain(&e);
    let platform = run::with_callers_path(nix_jail::host_platform(true), &request.spec, caller);
    let jail = nix_jail::Jail::new(platform);
    let admitted = jail.admit(request.spec.clone()).map_err(explain)?;
    let laid_out = run::runtime()?.block_on(jail.platform().filesystem.prepare_workspace(&admitted));
    let workspace = laid_out.map_err(explain)?;
    let plan = Plan::new(&admitted, &workspace);
    Ok(match as_json {
        true => json::object(&plan),
        false => output::to_stdout(&plan.render(Style::of(&io::stdout()))),
    })
}

#[cfg(test)]
mod tests {
    use nix_jail::Usage;

    use super::*;

    #[test]
    fn exit_codes() {
        let exit = |reason, code, signal| Exit::new(reason, code, signal, Usage::default());
        for (exit, want) in [
            (exit(Reason::Exited, Some(3), None), 3),
            (exit(Reason::Exited, Some(255), None), 255),
            (exit(Reason::Signalled, None, Some(15)), 143),
            (exit(Reason::TimedOut, None, Some(9)), 124),
            (exit(Reason::LimitReached(Feature::Output), None, Some(9)), 137),
            (exit(Reason::Cancelled, None, Some(9)), 130),
            (exit(Reason::LauncherDied, None, None), 125),
        ] {
            assert_eq!(code(&exit), want, "{exit:?}");
        }
        assert!(ending(&exit(Reason::TimedOut, None, None)).is_some_and(|text| text.contains("--time")));
    }
}
