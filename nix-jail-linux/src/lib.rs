//! The Linux backend of nix-jail: walls made of namespaces, seccomp and Landlock, built by a tiny static helper that
//! then is pid 1 of the jail. Works as root and as an ordinary user.
//!
//! Start at [`platform`]. The rooms: `filesystem` lays out what a job sees, `network` what it reaches, `isolation` builds
//! the walls; `plan` is the language between this library and `helper/`.
#![cfg(target_os = "linux")]
#![deny(unsafe_code)]

mod filesystem;
mod isolation;
mod landlock;
mod network;
mod plan;
mod probe;
mod seccomp;
mod sys;

use std::sync::Arc;

use nix_jail_core::Platform;

/// The providers of this machine. With `probe`, what they promise was tried by making a throwaway jail, which blocks for
/// some milliseconds; without, a wall that cannot be built fails the start of the job instead of its admission.
pub fn platform(probe: bool) -> Platform {
    let isolation = Arc::new(isolation::Namespaces::new());
    let found = if probe { probe::by_doing(&isolation) } else { probe::untried() };
    isolation.promise(found);
    Platform {
        filesystem: Arc::new(filesystem::LinuxFilesystem::default()),
        network: Arc::new(network::NoNetwork),
        isolation,
    }
}
