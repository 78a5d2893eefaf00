//! The one place where the bench starts processes.
#![expect(clippy::disallowed_methods, reason = "this is the module for it")]

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Nothing of the caller's environment, no output, the end as an error: a peer that fails measures nothing.
fn quiet(program: impl AsRef<Path>) -> Command {
    let mut command = Command::new(program.as_ref());
    command.env_clear().env("PATH", "/usr/bin:/bin").current_dir("/");
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::inherit());
    command
}

/// The program of the job without a jail. std uses vfork here.
pub(crate) fn bare(program: &Path) -> Command {
    quiet(program)
}

/// bwrap with the same root, and with the namespaces that we use: as in the table of `docs/design/spawn.md`.
pub(crate) fn bwrap(root: &Path, args: &[&str]) -> Command {
    let mut command = quiet("/usr/bin/bwrap");
    command.args(["--unshare-all", "--die-with-parent", "--new-session", "--ro-bind"]).arg(root);
    command.args(["/", "--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp", "/bin/true"]).args(args);
    command
}

/// The whole command line program.
pub(crate) fn cli(program: &Path, root: &Path, args: &[&str]) -> Command {
    let mut command = quiet(program);
    command.arg("run").arg("--root").arg(root).args(["--", "/bin/true"]).args(args);
    command
}

/// This bench again, with pipes as stdin and stdout.
pub(crate) fn again(args: &[&str]) -> Command {
    // By the magic link: the path to it may be closed to the user that we have become.
    let mut command = quiet("/proc/self/exe");
    command.args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
    command
}

/// Runs one to its end.
pub(crate) fn run(command: &mut Command) {
    let status = command.status().unwrap_or_else(|e| panic!("{command:?}: {e}"));
    assert!(status.success(), "{command:?}: {status}");
}

/// Makes the program of the job with the C compiler.
pub(crate) fn compile_true(to: &Path) {
    let mut cc = Command::new("cc");
    cc.args(["-static", "-nostdlib", "-x", "assembler-with-cpp", "-", "-o"]).arg(to).stdin(Stdio::piped());
    let mut running = cc.spawn().unwrap_or_else(|e| panic!("the bench needs a C compiler: {cc:?}: {e}"));
    let mut source = running.stdin.take().expect("it is piped");
    source.write_all(include_bytes!("true.S")).expect("the compiler reads");
    drop(source);
    assert!(running.wait().is_ok_and(|status| status.success()), "{cc:?} failed");
}

/// The command line program to measure, or why there is none.
pub(crate) fn find_cli() -> Result<PathBuf, String> {
    let beside = || Some(std::env::current_exe().ok()?.parent()?.parent()?.join("nix-jail"));
    let path = std::env::var_os("NIX_JAIL_BIN").map(PathBuf::from).or_else(beside).ok_or("nobody says where it is")?;
    match quiet(&path).arg("--version").status() {
        Ok(status) if status.success() => Ok(path),
        Ok(status) => Err(format!("{}: {status}", path.display())),
        Err(e) => Err(format!("{}: {e} (cargo build --release -p nix-jail-cli, or NIX_JAIL_BIN)", path.display())),
    }
}
