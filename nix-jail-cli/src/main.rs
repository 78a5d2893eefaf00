//! The `nix-jail` command: see the library beside it.
fn main() -> std::process::ExitCode {
    nix_jail_cli::main()
}
