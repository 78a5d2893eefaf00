//! One job, from its start to the last trace of it.

mod grants;
mod missing;
mod path;
mod signals;
mod stderr;
mod terminal;

use std::mem::ManuallyDrop;
use std::time::Duration;

use nix_jail::{Degraded, Error, Exit, Jail, JailCommand, JobKey, RunningJob, Stream};

use crate::caller::Caller;
use crate::output::{Failure, Kind, escaped, json, note};
use crate::request::Request;
use signals::Signals;
use terminal::Terminal;

pub(crate) use path::with_callers_path;

/// How long the last traces of a job may take to go.
const CLOSE_WITHIN: Duration = Duration::from_secs(10);

/// A job that ran.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) key: JobKey,
    pub(crate) exit: Exit,
    pub(crate) degraded: Vec<Degraded>,
}

/// Runs a job with the caller's own standard streams; with `as_json`, its stderr and all that happens become lines of
/// JSON on stderr.
pub(crate) fn job(request: &Request, caller: &Caller, as_json: bool) -> Result<Ended, Failure> {
    // Never taken apart: the process is about to end, and the kernel is quicker at that.
    let runtime = ManuallyDrop::new(runtime()?);
    let ended = runtime.block_on(async {
        // Not probed: the start of the job finds out what there is to find out.
        let platform = with_callers_path(nix_jail::host_platform(false), &request.spec, caller);
        let jail = match as_json {
            true => Jail::builder(platform).sink(json::fact).build(),
            false => Jail::new(platform),
        };
        let ended = start_and_wait(&jail, request, as_json).await;
        if let Err(e) = jail.close(CLOSE_WITHIN).await {
            // The job's own result stands; this is about the machine.
            note(&format!("warning: {}", escaped(&e.to_string())), as_json);
        }
        ended
    });
    ended.map_err(|e| explain(&e, request, caller))
}

/// A runtime on this thread alone.
pub(crate) fn runtime() -> Result<tokio::runtime::Runtime, Failure> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    runtime
        .map_err(|e| Failure { why: Some(e.to_string().into()), ..Failure::new(Kind::Failed, "making an event loop") })
}

async fn start_and_wait(jail: &Jail, request: &Request, as_json: bool) -> nix_jail::Result<Ended> {
    let mut command = jail.command("");
    *command.spec() = request.spec.clone();
    let terminal = Terminal::save();
    command.stdin(terminal.stdin()).stdout(Stream::Inherit);
    command.stderr(if as_json { Stream::Piped } else { Stream::Inherit });
    let mut signals = Signals::install(as_json);
    let mut job = start(&mut command, &mut signals).await?;
    let exit = attend(&mut job, &mut signals).await?;
    Ok(Ended { key: job.key().clone(), exit, degraded: job.degraded().to_vec() })
}

/// Starts the job. A signal that arrives meanwhile is the job's as well, as soon as there is one: its program may run
/// before we are told so.
async fn start(command: &mut JailCommand, signals: &mut Signals) -> nix_jail::Result<RunningJob> {
    let mut early = Vec::new();
    let starting = command.spawn();
    tokio::pin!(starting);
    let job = loop {
        tokio::select! {
            biased;
            started = &mut starting => break started?,
            signal = signals.next() => early.push(signal),
        }
        if signals.enough() {
            return Err(Error::Cancelled);
        }
    };
    for signal in early {
        signals.hand_on(signal, &job).await;
    }
    Ok(job)
}

/// Waits for the end, and meanwhile hands on signals and what the job says on stderr.
async fn attend(job: &mut RunningJob, signals: &mut Signals) -> nix_jail::Result<Exit> {
    let stderr = job.stderr.take();
    let job = &*job;
    let ended = async { tokio::join!(job.wait(), stderr::pump(stderr, job.key())).0 };
    tokio::pin!(ended);
    loop {
        tokio::select! {
            biased;
            exit = &mut ended => return exit,
            signal = signals.next() => signals.hand_on(signal, job).await,
        }
    }
}

fn explain(error: &Error, request: &Request, caller: &Caller) -> Failure {
    let mut failure = request.flags.explain(error);
    failure.notes = match error {
        Error::NotFound { .. } => missing::hints(&request.spec, caller),
        Error::NotExecutable { .. } => missing::interpreter(&request.spec, caller),
        _ => return failure,
    };
    failure
}
