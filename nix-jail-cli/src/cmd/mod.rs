//! One file a subcommand.

mod capabilities;
mod doctor;
mod man;
pub(crate) mod run;

use crate::args::{self, Request};
use crate::output::{self, Failure};

/// Carries out what is no job, and says what to exit with.
pub(crate) fn other(request: Request) -> Result<u8, Failure> {
    match request {
        Request::Doctor { json } => Ok(doctor::doctor(json)),
        Request::Capabilities { form } => Ok(capabilities::capabilities(form)),
        Request::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut args::tree(), "nix-jail", &mut script);
            // clap_complete 4.6 spells the state of a command with a hyphen in its name in two ways in its bash script, so
            // that no subcommand completes anything (clap-rs/clap#6421).
            let script = String::from_utf8_lossy(&script).replace("nix__subcmd__jail", "nix__jail");
            Ok(output::to_stdout(&script))
        }
        Request::Man => man::man(),
    }
}
