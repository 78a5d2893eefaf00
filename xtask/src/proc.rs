//! The one module of xtask that starts processes. No child reads this process's standard input: every chore must run
//! unattended.

use crate::Result;
use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, Read, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

/// How long output may still come after its process ended. Longer than that, and somebody else holds the pipe: a
/// process that outlived its test must not hang the whole run.
const DRAIN: Duration = Duration::from_secs(5);

/// A command to be run, together with how to show it.
#[derive(Debug)]
pub(crate) struct Cmd {
    inner: Command,
    shown: String,
    limit: Option<Duration>,
}

/// How a command that was shown while it ran has ended.
#[derive(Debug)]
pub(crate) struct Finished {
    pub(crate) ok: bool,
    /// `exit status: 1`, `signal: 9`, or that its time ran out.
    pub(crate) how: String,
    /// Standard output and error, line by line as they came.
    pub(crate) lines: Vec<String>,
}

impl Cmd {
    #[expect(clippy::disallowed_methods, reason = "this is xtask's one module that starts processes")]
    pub(crate) fn new(program: impl AsRef<OsStr>) -> Cmd {
        let program = program.as_ref();
        let mut inner = Command::new(program);
        inner.stdin(Stdio::null());
        Cmd { inner, shown: program.to_string_lossy().into_owned(), limit: None }
    }

    /// The cargo that runs this xtask, so that a chore never mixes two toolchains.
    pub(crate) fn cargo() -> Cmd {
        let mut cmd = Cmd::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")));
        cmd.shown = "cargo".to_owned();
        cmd
    }

    pub(crate) fn args(mut self, args: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Cmd {
        for arg in args {
            self.shown.push(' ');
            self.shown.push_str(&arg.as_ref().to_string_lossy());
            self.inner.arg(arg);
        }
        self
    }

    pub(crate) fn env(mut self, key: &str, value: impl AsRef<OsStr>) -> Cmd {
        self.inner.env(key, value);
        self
    }

    pub(crate) fn envs(mut self, vars: &[(String, OsString)]) -> Cmd {
        self.inner.envs(vars.iter().map(|(key, value)| (key, value)));
        self
    }

    pub(crate) fn env_clear(mut self) -> Cmd {
        self.inner.env_clear();
        self
    }

    pub(crate) fn cwd(mut self, dir: &Path) -> Cmd {
        self.inner.current_dir(dir);
        self
    }

    /// Ends the process (not what it started) when it runs longer than this.
    pub(crate) fn limit(mut self, limit: Duration) -> Cmd {
        self.limit = Some(limit);
        self
    }

    /// Runs it with this process's output; anything but success is an error that names the command.
    pub(crate) fn run(mut self) -> Result {
        println!("$ {}", self.shown);
        let status = self.inner.status().map_err(|error| format!("{}: {error}", self.shown))?;
        if status.success() { Ok(()) } else { Err(format!("`{}` failed: {status}", self.shown)) }
    }

    /// Runs it and answers its standard output; its standard error goes to this process's.
    pub(crate) fn read(mut self) -> Result<String> {
        self.inner.stderr(Stdio::inherit());
        let output = self.inner.output().map_err(|error| format!("{}: {error}", self.shown))?;
        if !output.status.success() {
            return Err(format!("`{}` failed: {}", self.shown, output.status));
        }
        String::from_utf8(output.stdout).map_err(|_| format!("`{}` printed something that is not UTF-8", self.shown))
    }

    /// Whether it can be run and succeeds; says nothing.
    pub(crate) fn succeeds(mut self) -> bool {
        self.inner.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
    }

    /// Runs it, shows its output as it comes, and keeps it to be counted.
    pub(crate) fn tee(mut self) -> Result<Finished> {
        println!("$ {}", self.shown);
        let spawned = self.inner.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
        let mut child = spawned.map_err(|error| format!("{}: {error}", self.shown))?;
        let (sender, lines) = channel();
        forward(child.stdout.take(), sender.clone());
        forward(child.stderr.take(), sender);
        let (status, in_time) = wait(&mut child, self.limit).map_err(|error| format!("{}: {error}", self.shown))?;
        let how =
            if in_time { status.to_string() } else { format!("ended after {:?}", self.limit.unwrap_or_default()) };
        Ok(Finished { ok: in_time && status.success(), how, lines: drain(&lines) })
    }
}

/// Copies each line to our standard output and to `lines`, on a thread of its own: both pipes must be read at once.
fn forward(pipe: Option<impl Read + Send + 'static>, lines: Sender<String>) {
    let Some(pipe) = pipe else { return };
    std::thread::spawn(move || {
        let mut pipe = BufReader::new(pipe);
        let mut raw = Vec::new();
        while pipe.read_until(b'\n', &mut raw).is_ok_and(|read| read > 0) {
            // Nobody may be left to read us, which is no reason to stop reading the child.
            let _ = std::io::stdout().write_all(&raw);
            let _ = lines.send(String::from_utf8_lossy(&raw).trim_end().to_owned());
            raw.clear();
        }
    });
}

fn wait(child: &mut Child, limit: Option<Duration>) -> std::io::Result<(ExitStatus, bool)> {
    let Some(limit) = limit else { return Ok((child.wait()?, true)) };
    let start = Instant::now();
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok((status, true));
        }
        if start.elapsed() > limit {
            child.kill()?;
            return Ok((child.wait()?, false));
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn drain(lines: &Receiver<String>) -> Vec<String> {
    let end = Instant::now() + DRAIN;
    let mut all = Vec::new();
    while let Ok(line) = lines.recv_timeout(end.saturating_duration_since(Instant::now())) {
        all.push(line);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sh(script: &str) -> Cmd {
        Cmd::new("/bin/sh").args(["-c", script])
    }

    #[test]
    fn output_of_both_kinds_is_kept() {
        let done = sh("echo out; echo err >&2; exit 3").tee().expect("sh runs");
        let mut lines = done.lines;
        lines.sort();
        assert_eq!((done.ok, lines), (false, vec!["err".to_owned(), "out".to_owned()]));
        assert!(done.how.contains('3'), "{}", done.how);
    }

    #[test]
    fn a_command_past_its_limit_is_ended() {
        let start = Instant::now();
        let done = sh("exec sleep 60").limit(Duration::from_millis(100)).tee().expect("sh runs");
        assert!(!done.ok && start.elapsed() < Duration::from_secs(20), "{done:?}");
    }

    #[test]
    fn an_error_names_the_command() {
        let why = sh("exit 7").run().expect_err("7 is a failure");
        assert!(why.contains("/bin/sh -c exit 7"), "{why}");
        assert!(Cmd::new("/no/such/program").read().expect_err("it is not there").contains("/no/such/program"));
    }
}
