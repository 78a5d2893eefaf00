//! All that is ever printed.

mod escape;
mod failure;
pub(crate) mod json;
pub(crate) mod plan;
mod style;
pub(crate) mod summary;
pub(crate) mod units;
mod words;

use std::io::{self, ErrorKind, Write};

pub(crate) use escape::{escaped, shown};
pub(crate) use failure::{Failure, Kind};
pub(crate) use style::Style;

/// The exit code of what nix-jail refused, or failed at, before anything ran.
pub(crate) const REFUSED: u8 = 125;

/// Prints a text, and says what to exit with. A reader that has gone away has seen enough.
pub(crate) fn to_stdout(text: &str) -> u8 {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != ErrorKind::BrokenPipe => {
            to_stderr(&format!("nix-jail: failed: writing to stdout: {e}\n"));
            REFUSED
        }
        _ => 0,
    }
}

/// Prints a text in one write, so that it is not torn apart by what the job writes. There is nobody to tell if it fails.
pub(crate) fn to_stderr(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// Says something about a job, as a line of the kind that its other lines are of.
pub(crate) fn note(text: &str, as_json: bool) {
    match as_json {
        true => json::note(text),
        false => to_stderr(&format!("nix-jail: {text}\n")),
    }
}
