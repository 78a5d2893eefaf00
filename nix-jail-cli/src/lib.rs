//! The `nix-jail` command line.
//!
//! [`main`] looks at the first argument and goes one way: `args` turns words into values, `request` turns those into
//! a [`JobSpec`](nix_jail::JobSpec), `run` runs it, and `output` is all that is ever printed. What is read of the
//! caller's surroundings (variables, home, working directory) is read in `caller` alone.
//!
//! Starting a job is what people wait for, a thousand times a day: on that way no thread, file or command tree is made
//! that the job does not need.
#![forbid(unsafe_code)]

mod args;
mod caller;
mod cmd;
mod output;
mod request;
mod run;

use std::ffi::OsString;
use std::process::ExitCode;

use output::Failure;

/// musl's own allocator maps and unmaps memory at every turn, which costs more than all else that happens before a job.
#[cfg(target_env = "musl")]
#[global_allocator]
static ALLOCATOR: dlmalloc::GlobalDlmalloc = dlmalloc::GlobalDlmalloc;

/// Runs the command that this process was started with, and says what it is to exit with.
pub fn main() -> ExitCode {
    let words: Vec<OsString> = std::env::args_os().collect();
    ExitCode::from(match words.get(1) {
        // Only this subcommand's options are built: the whole tree costs more than all else that happens here.
        Some(first) if first == "run" => {
            let json = words.iter().any(|word| word == "--json");
            match args::parse_run(&words[1..]) {
                Ok(run) => cmd::run::run(&run),
                Err(stop) => stop.finish(json),
            }
        }
        _ => match args::parse(&words) {
            Ok(request) => cmd::other(request).unwrap_or_else(|failure| failure.report(false)),
            Err(stop) => stop.finish(false),
        },
    })
}

/// Why the words of the command line lead to no command.
pub(crate) enum Stop {
    /// They ask for this text.
    Text(String),
    /// They ask for nothing: this text may help.
    Usage(String),
    /// They make no sense.
    Failure(Failure),
}

impl Stop {
    fn finish(self, json: bool) -> u8 {
        match self {
            Self::Text(text) => output::to_stdout(&text),
            Self::Usage(text) => {
                output::to_stderr(&text);
                output::REFUSED
            }
            Self::Failure(failure) => failure.report(json),
        }
    }
}
