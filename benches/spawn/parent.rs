//! An embedder that holds much memory or little: this bench once more, which starts a job for each line on its stdin
//! and answers with the nanoseconds that it took.

use std::hint::black_box;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout};
use std::time::Duration;

use crate::{peers, subjects};

/// The first argument of such a process; then come the megabytes and the root of its jobs.
pub(crate) const ARGUMENT: &str = "--as-parent";

/// The process, seen from the bench. It ends with its stdin.
pub(crate) struct Parent {
    process: Child,
    ask: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Parent {
    pub(crate) fn start(megabytes: &str, root: &Path) -> Self {
        let root = root.to_str().expect("the directory for temporary files has a readable name");
        let mut process = peers::again(&[ARGUMENT, megabytes, root]).spawn().expect("this program can be executed");
        let (ask, answers) = (process.stdin.take(), process.stdout.take().expect("it is piped"));
        Self { process, ask, answers: BufReader::new(answers) }
    }

    /// How long a job took there.
    pub(crate) fn time(&mut self) -> Duration {
        let mut answer = String::new();
        let ask = self.ask.as_mut().expect("it is piped");
        ask.write_all(b"\n").and_then(|()| self.answers.read_line(&mut answer)).expect("it waits for us");
        Duration::from_nanos(answer.trim().parse().expect("it answers with a number"))
    }
}

impl Drop for Parent {
    fn drop(&mut self) {
        drop(self.ask.take());
        let _ = self.process.wait();
    }
}

/// The process itself.
pub(crate) fn run(args: &[String]) {
    let [megabytes, root] = args else { panic!("{ARGUMENT} MEGABYTES ROOT") };
    let megabytes: usize = megabytes.parse().expect("megabytes are a number");
    let memory = vec![1u8; megabytes << 20];
    let (runtime, jail, spec) = (subjects::one_thread(), nix_jail::host(), subjects::job(Path::new(root)));
    for line in std::io::stdin().lines() {
        line.expect("the bench writes lines");
        let time = subjects::time(|| runtime.block_on(subjects::run(&jail, spec.clone())));
        println!("{}", time.as_nanos());
    }
    black_box(memory);
}
