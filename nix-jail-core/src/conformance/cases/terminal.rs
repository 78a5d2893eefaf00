//! The terminal of the caller.

use std::ffi::OsStr;
use std::fs::{File, OpenOptions};
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::OpenOptionsExt;

use rustix::fs::OFlags;
use rustix::io::{Errno, FdFlags, fcntl_setfd};
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};

use super::{Case, Payload};
use crate::Feature;
use crate::conformance::{Bench, Report, Trouble};

pub(super) const CASES: &[Case] = &[Case {
    name: "tiocsti",
    feature: Feature::PrivateProcesses,
    plant: plant_terminal,
    attack: Payload::Python(include_str!("../payloads/tiocsti.py")),
    after: |bench, report| {
        if let Err(e) = keys(bench, report) {
            report.found("keys", true, e.to_string());
        }
    },
    ..Case::PYTHON
}];

/// A terminal, as if the caller sat at it, on the standard input.
fn plant_terminal(bench: &mut Bench) -> Result<(), Trouble> {
    let failed = |e: Errno| Trouble::skipped("terminal", format!("no terminal can be made: {e}"));
    let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).map_err(failed)?;
    // Not every system has this as a flag of the call itself.
    fcntl_setfd(&master, FdFlags::CLOEXEC).map_err(failed)?;
    grantpt(&master).map_err(failed)?;
    unlockpt(&master).map_err(failed)?;
    let name = ptsname(&master, Vec::new()).map_err(failed)?;
    bench.stdin = Some(open(OsStr::from_bytes(name.to_bytes()), OFlags::empty())?);
    bench.terminal = name.to_bytes().to_vec();
    bench.keep(master);
    Ok(())
}

/// Whether somebody typed something.
fn keys(bench: &Bench, report: &mut Report) -> Result<(), Trouble> {
    let mut terminal = open(OsStr::from_bytes(&bench.terminal), OFlags::NONBLOCK)?;
    let mut typed = [0; 16];
    let typed = match terminal.read(&mut typed) {
        Ok(n) => n,
        Err(e) if e.kind() == std::io::ErrorKind::WouldBlock => 0,
        Err(e) => return Err(e.into()),
    };
    report.found("keys", typed > 0, format!("{typed} keys were typed"));
    Ok(())
}

fn open(path: &OsStr, flags: OFlags) -> std::io::Result<File> {
    let flags = (flags | OFlags::NOCTTY).bits().cast_signed();
    OpenOptions::new().read(true).write(true).custom_flags(flags).open(path)
}
