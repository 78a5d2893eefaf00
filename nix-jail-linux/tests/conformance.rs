//! The suite that every backend runs, on this one. `cargo test -p nix-jail-linux --test conformance -- host-files` runs
//! one case.

use std::process::ExitCode;

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    nix_jail_core::conformance::main(|| nix_jail_core::Jail::new(nix_jail_linux::platform(true)))
}

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    ExitCode::SUCCESS
}
