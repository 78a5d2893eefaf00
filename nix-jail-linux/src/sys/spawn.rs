//! The one place where this crate starts a process: the helper.

use std::io;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::process::{Pid, PidfdFlags, WaitId, WaitIdOptions, waitid};

/// The helper, as build.rs made it.
const HELPER: &[u8] = include_bytes!(concat!(env!("OUT_DIR"), "/helper"));

/// A path where a packager installed the helper: where a security module allows namespaces by program path.
const INSTALLED: Option<&str> = option_env!("NIX_JAIL_HELPER");

/// The helper, ready to be executed: bytes that nothing on this machine can change, or a file that a packager installed.
#[derive(Debug)]
pub(crate) enum HelperImage {
    /// Sealed.
    Memory(OwnedFd),
    /// On disk.
    Installed(PathBuf),
}

impl HelperImage {
    pub(crate) fn new() -> io::Result<Self> {
        match INSTALLED {
            Some(path) => Ok(Self::Installed(path.into())),
            None => super::sealed("nix-jail-helper", HELPER, true).map(Self::Memory),
        }
    }

    fn path(&self) -> PathBuf {
        match self {
            Self::Memory(fd) => format!("/proc/self/fd/{}", fd.as_raw_fd()).into(),
            Self::Installed(path) => path.clone(),
        }
    }
}

/// Starts the helper with an empty environment and `control` as its only descriptor, and returns a handle to it. By vfork,
/// so that the size of this process does not matter.
#[expect(clippy::disallowed_methods, reason = "this is the module for it")]
pub(crate) fn spawn_helper(image: &HelperImage, control: OwnedFd) -> io::Result<OwnedFd> {
    // The helper's first act is to close everything but its stdin, so handing it the other two costs nothing.
    let child = Command::new(image.path())
        .env_clear()
        .stdin(control)
        .stdout(Stdio::inherit())
        .stderr(Stdio::inherit())
        .spawn()?;
    // It waits for its plan, so it is alive, and the number cannot mean another process.
    let pid = Pid::from_raw(child.id() as i32).ok_or(io::ErrorKind::InvalidData)?;
    Ok(rustix::process::pidfd_open(pid, PidfdFlags::empty())?)
}

/// Takes back a helper that has ended; says whether it had. An embedder that reaps every child may have been faster.
pub(crate) fn reap(helper: &OwnedFd) -> bool {
    reap_within(helper, Duration::ZERO)
}

/// The same, waiting this long for its end.
pub(crate) fn reap_within(helper: &OwnedFd, patience: Duration) -> bool {
    let patience = Timespec { tv_sec: patience.as_secs() as i64, tv_nsec: patience.subsec_nanos().into() };
    let ended = poll(&mut [PollFd::new(helper, PollFlags::IN)], Some(&patience)).is_ok_and(|n| n == 1);
    if ended {
        // An error means that somebody has reaped it: the embedder, or the kernel because SIGCHLD is ignored.
        let _ = waitid(WaitId::PidFd(helper.as_fd()), WaitIdOptions::EXITED | WaitIdOptions::NOHANG);
    }
    ended
}
