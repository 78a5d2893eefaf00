//! The caller's terminal, where the job is handed it as a standard stream.

use std::io::{IsTerminal, stdin};

use nix_jail::Stream;
use rustix::process::getpgrp;
use rustix::termios::{OptionalActions, Termios, tcgetattr, tcgetpgrp, tcsetattr};

/// Puts the terminal's settings back at the end: a job may have changed them (`stty -echo`), and may have been ended before
/// it could undo that.
pub(super) struct Terminal(Option<Termios>);

impl Terminal {
    pub(super) fn save() -> Self {
        Self(stdin().is_terminal().then(|| tcgetattr(stdin()).ok()).flatten())
    }

    /// What the job reads. In the background that is nothing: the job is in a session of its own, so the terminal would not
    /// stop it from taking what is typed for somebody else.
    pub(super) fn stdin(&self) -> Stream {
        match self.0.is_some() && !in_foreground() {
            true => Stream::Null,
            false => Stream::Inherit,
        }
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        let (Some(before), true) = (&self.0, in_foreground()) else { return };
        if tcgetattr(stdin()).is_ok_and(|now| modes(&now) != modes(before)) {
            // The terminal may have gone meanwhile; then nothing is left to be put back.
            let _ = tcsetattr(stdin(), OptionalActions::Now, before);
        }
    }
}

fn in_foreground() -> bool {
    tcgetpgrp(stdin()).is_ok_and(|group| group == getpgrp())
}

fn modes(of: &Termios) -> [u32; 4] {
    [of.input_modes.bits(), of.output_modes.bits(), of.control_modes.bits(), of.local_modes.bits()]
}
