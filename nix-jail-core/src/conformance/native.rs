//! The one module of this crate that starts processes: the processes of cases, and their controls.

use std::fs::{self, File};
use std::io;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use rustix::io::Errno;

/// Where programs are looked for: what a jail shows of this machine, and not what the caller has in `PATH`.
const DIRS: [&str; 3] = ["/usr/local/bin", "/usr/bin", "/bin"];

/// How a process ended, and what it wrote to stdout and stderr.
#[derive(Debug)]
pub(super) struct Finished {
    pub(super) code: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) output: Vec<u8>,
}

/// Where a program is.
pub(super) fn find(program: &str) -> Option<PathBuf> {
    DIRS.iter().map(|dir| Path::new(dir).join(program)).find(|path| path.is_file())
}

/// A program of this machine, by its path or by its name.
#[expect(clippy::disallowed_methods, reason = "this is the module for it")]
pub(super) fn command(program: impl AsRef<Path>) -> Command {
    let program = program.as_ref();
    let found = program.to_str().and_then(find);
    Command::new(found.unwrap_or_else(|| program.into()))
}

/// Runs a command to its end, but no longer than this. What it leaves running is not waited for: its output goes to a
/// file in `scratch`.
pub(super) fn run(mut command: Command, scratch: &Path, limit: Duration) -> io::Result<Finished> {
    static NEXT: AtomicUsize = AtomicUsize::new(0);
    let path = scratch.join(format!("output-{}-{}", std::process::id(), NEXT.fetch_add(1, Ordering::Relaxed)));
    let output = File::create(&path)?;
    let mut child = command.stdout(output.try_clone()?).stderr(output).spawn()?;
    let start = Instant::now();
    let status = loop {
        match child.try_wait() {
            Ok(None) => {}
            Ok(status) => break status,
            // Where SIGCHLD is ignored, nobody is told how it ended, but that it did.
            Err(e) if e.raw_os_error() == Some(Errno::CHILD.raw_os_error()) => break None,
            Err(e) => return Err(e),
        }
        if start.elapsed() > limit {
            child.kill()?;
            child.wait()?;
            let said = String::from_utf8_lossy(&fs::read(&path)?).into_owned();
            return Err(io::Error::new(io::ErrorKind::TimedOut, format!("no end after {limit:?}; it said: {said}")));
        }
        thread::sleep(Duration::from_millis(2));
    };
    let output = fs::read(&path)?;
    fs::remove_file(&path)?;
    let (code, signal) = status.map_or((None, None), |status| (status.code(), status.signal()));
    Ok(Finished { code, signal, output })
}

/// A process beside the case, for as long as this lives.
#[derive(Debug)]
pub(super) struct Beside(pub(super) Child);

impl Beside {
    /// Starts it, with nothing on its standard streams.
    pub(super) fn start(command: &mut Command) -> io::Result<Self> {
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().map(Self)
    }

    pub(super) fn is_alive(&mut self) -> bool {
        matches!(self.0.try_wait(), Ok(None))
    }
}

impl Drop for Beside {
    fn drop(&mut self) {
        // It may be over already, and its end may have been taken by somebody else.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
