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
            Ok(output::to_stdout(&String::from_utf8_lossy(&script)))
        }
        Request::Man => man::man(),
    }
}
