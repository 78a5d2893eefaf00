//! The one place where processes are started.

use std::ffi::{OsStr, OsString};
use std::io::{Read, Write};
use std::os::unix::process::{CommandExt, ExitStatusExt};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use tempfile::TempDir;

/// No test waits longer.
const DEADLINE: Duration = Duration::from_secs(60);

/// The binary under test.
pub(crate) fn binary() -> PathBuf {
    std::env::var_os("NIX_JAIL_BIN").map_or_else(|| env!("CARGO_BIN_EXE_nix-jail").into(), PathBuf::from)
}

/// `nix-jail` with these arguments, in an empty directory and with a home of its own.
pub(crate) fn nix_jail<A: AsRef<OsStr>>(args: &[A]) -> Run {
    Run::new(binary().as_os_str(), args)
}

/// The same with `run` before them.
pub(crate) fn nj<A: AsRef<OsStr>>(args: &[A]) -> Run {
    let mut run = nix_jail(&["run"]);
    run.command.args(args);
    run
}

/// A bash script that finds `nix-jail` in its `PATH`, and `nj` for `nix-jail run`.
pub(crate) fn bash(script: &str) -> Run {
    Run::new("bash".as_ref(), &["-c", &format!("nj() {{ nix-jail run \"$@\"; }}\n{script}")])
}

/// A command to be.
pub(crate) struct Run {
    command: Command,
    place: Place,
    stdin: Vec<u8>,
}

/// Where it runs: beside its home, which is no workspace.
struct Place {
    here: PathBuf,
    _own: TempDir,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Done {
    /// As a shell says it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    pub(crate) took: Duration,
}

impl Run {
    #[expect(clippy::disallowed_methods, reason = "this is the module for it")]
    fn new<A: AsRef<OsStr>>(program: &OsStr, args: &[A]) -> Self {
        let own = tempfile::tempdir().expect("a temporary directory");
        let (home, here) = (own.path().join("home"), own.path().join("here"));
        for dir in [&home, &here] {
            std::fs::create_dir(dir).expect("a directory");
        }
        let mut command = Command::new(program);
        command.args(args).env_clear().env("PATH", path()).env("HOME", home).env("LANG", "C.UTF-8").current_dir(&here);
        Self { command, place: Place { here, _own: own }, stdin: Vec::new() }
    }

    pub(crate) fn in_dir(mut self, dir: &Path) -> Self {
        self.command.current_dir(dir);
        self.place.here = dir.to_owned();
        self
    }

    /// Another home than the directory that it runs in.
    pub(crate) fn home(mut self, dir: &Path) -> Self {
        self.command.env("HOME", dir);
        self
    }

    pub(crate) fn args(mut self, args: &[&str]) -> Self {
        self.command.args(args);
        self
    }

    pub(crate) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.command.env(name, value);
        self
    }

    pub(crate) fn stdin(mut self, bytes: impl Into<Vec<u8>>) -> Self {
        self.stdin = bytes.into();
        self
    }

    /// In a process group of its own, as a shell starts it on a terminal.
    pub(crate) fn own_group(mut self) -> Self {
        self.command.process_group(0);
        self
    }

    /// Runs it to its end.
    pub(crate) fn run(self) -> Done {
        self.start().wait()
    }

    /// Starts it.
    pub(crate) fn start(mut self) -> Running {
        let start = Instant::now();
        let command = self.command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|e| panic!("{command:?}: {e}"));
        let mut stdin = child.stdin.take().expect("a pipe");
        let bytes = std::mem::take(&mut self.stdin);
        // What does not read its stdin to the end is not an error.
        thread::spawn(move || stdin.write_all(&bytes));
        let stdout = reader(child.stdout.take().expect("a pipe"));
        let stderr = reader(child.stderr.take().expect("a pipe"));
        Running { child, start, stdout, stderr, _place: self.place }
    }
}

/// A command that runs.
pub(crate) struct Running {
    child: Child,
    start: Instant,
    stdout: thread::JoinHandle<Vec<u8>>,
    stderr: thread::JoinHandle<Vec<u8>>,
    _place: Place,
}

impl Running {
    pub(crate) fn pid(&self) -> Pid {
        Pid::from_child(&self.child)
    }

    pub(crate) fn signal(&self, signal: Signal) {
        kill_process(self.pid(), signal).expect("it is alive");
    }

    /// What a terminal does at Ctrl-C.
    pub(crate) fn signal_group(&self, signal: Signal) {
        kill_process_group(self.pid(), signal).expect("it is alive");
    }

    /// Waits for its end, or ends it and fails.
    pub(crate) fn wait(mut self) -> Done {
        let status = loop {
            if let Some(status) = self.child.try_wait().expect("our own child") {
                break Some(status);
            }
            if self.start.elapsed() > DEADLINE {
                self.child.kill().expect("our own child");
                break None;
            }
            thread::sleep(Duration::from_millis(2));
        };
        let took = self.start.elapsed();
        let text = |t: thread::JoinHandle<Vec<u8>>| String::from_utf8_lossy(&t.join().expect("a reader")).into_owned();
        let (stdout, stderr) = (text(self.stdout), text(self.stderr));
        let status = status.unwrap_or_else(|| panic!("not over after {DEADLINE:?}\n{stdout}\n{stderr}"));
        Done { code: code(status), stdout, stderr, took }
    }
}

impl Done {
    /// Fails unless it ended with this code.
    #[track_caller]
    pub(crate) fn expect(self, code: i32) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        self
    }
}

/// Waits for something to become true.
#[track_caller]
pub(crate) fn until(what: &str, mut is: impl FnMut() -> bool) {
    let start = Instant::now();
    while !is() {
        assert!(start.elapsed() < Duration::from_secs(20), "{what}: not within 20 s");
        thread::sleep(Duration::from_millis(5));
    }
}

/// How many processes have this word in their command line.
pub(crate) fn processes_with(word: &str) -> usize {
    let entries = std::fs::read_dir("/proc").into_iter().flatten().flatten();
    let lines = entries.filter_map(|entry| std::fs::read(entry.path().join("cmdline")).ok());
    lines.filter(|line| String::from_utf8_lossy(line).contains(word)).count()
}

/// One word for a shell.
pub(crate) fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

fn reader(mut from: impl Read + Send + 'static) -> thread::JoinHandle<Vec<u8>> {
    thread::spawn(move || {
        let mut bytes = Vec::new();
        let _ = from.read_to_end(&mut bytes);
        bytes
    })
}

fn code(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

/// The caller's, behind the directory of the binary.
pub(crate) fn path() -> OsString {
    let binary = binary();
    assert_eq!(binary.file_name(), Some(OsStr::new("nix-jail")), "NIX_JAIL_BIN must be called nix-jail");
    let mut path = binary.parent().map(Path::to_owned).unwrap_or_default().into_os_string();
    path.push(":");
    path.push(std::env::var_os("PATH").unwrap_or_else(|| "/usr/local/bin:/usr/bin:/bin".into()));
    path
}
