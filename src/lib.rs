//! Runs commands you do not trust in a jail that holds only what you granted, without root, daemon or configuration, in
//! milliseconds.
//!
//! ```no_run
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> nix_jail::Result<()> {
//! let jail = nix_jail::host();
//! let output = jail.command("python3").args(["-c", "print(6*7)"]).output().await?;
//! assert_eq!(output.stdout, b"42\n");
//! # Ok(())
//! # }
//! ```
//!
//! This crate joins the platform-neutral core ([`Jail`], [`JobSpec`], [`Capabilities`], ..) with the backend of the
//! operating system that it is built for. The library reads no home directory and no environment variable.
#![forbid(unsafe_code)]

pub use nix_jail_core::*;

/// The jail of this machine, with this operating system's own providers. To find out what the machine can promise, a
/// throwaway jail is made: this blocks for some milliseconds, so call it once.
///
/// Where walls cannot be built, [`Jail::capabilities`] says so with the reason and the fix, and every job that needs
/// them is refused.
pub fn host() -> Jail {
    Jail::new(host_platform(true))
}

/// The providers behind [`host`], to replace some of them. With `probe`, what they promise was tried; without, a wall
/// that turns out not to be buildable fails the start of the job instead of its admission.
pub fn host_platform(probe: bool) -> Platform {
    cfg_if::cfg_if! {
        if #[cfg(target_os = "linux")] {
            nix_jail_linux::platform(probe)
        } else {
            let _ = probe;
            none::platform()
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod none;
