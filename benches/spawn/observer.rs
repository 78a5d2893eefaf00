//! The memory of processes that nobody but root may look at: this bench once more, which stays root.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout};

use crate::peers;

/// The first argument of such a process.
pub(crate) const ARGUMENT: &str = "--as-observer";

/// The process, seen from the bench. It ends with its stdin.
pub(crate) struct Observer {
    _process: Child,
    ask: ChildStdin,
    answers: BufReader<ChildStdout>,
}

/// What was found.
pub(crate) struct Found {
    pub(crate) processes: u64,
    pub(crate) pss_kib: u64,
}

impl Observer {
    pub(crate) fn start() -> Self {
        let mut process = peers::again(&[ARGUMENT]).spawn().expect("this program can be executed");
        let (ask, answers) = (process.stdin.take(), process.stdout.take());
        let (ask, answers) = (ask.expect("it is piped"), BufReader::new(answers.expect("it is piped")));
        Self { _process: process, ask, answers }
    }

    /// The processes of this name below process `pid`.
    pub(crate) fn look(&mut self, pid: u32, name: &str) -> Found {
        let mut answer = String::new();
        let asked = writeln!(self.ask, "{pid} {name}").and_then(|()| self.answers.read_line(&mut answer));
        asked.expect("it waits for us");
        let mut numbers = answer.split_whitespace().map(|number| number.parse().expect("it answers with numbers"));
        Found { processes: numbers.next().unwrap_or(0), pss_kib: numbers.next().unwrap_or(0) }
    }
}

/// The process itself.
pub(crate) fn run() {
    for line in std::io::stdin().lines() {
        let line = line.expect("the bench writes lines");
        let (pid, name) = line.split_once(' ').expect("a process and a name");
        let found: Vec<u64> = below(pid, name).iter().filter_map(|pid| pss_kib(pid)).collect();
        println!("{} {}", found.len(), found.iter().sum::<u64>());
    }
}

/// The processes below `pid`, at any distance, with this name.
fn below(pid: &str, name: &str) -> Vec<String> {
    let entries = fs::read_dir("/proc").into_iter().flatten().flatten();
    let all: Vec<(String, String, String)> = entries.filter_map(|entry| stat(entry.file_name().to_str()?)).collect();
    let (mut family, mut found) = (vec![pid.to_owned()], Vec::new());
    while let Some(parent) = family.pop() {
        for (pid, comm, _) in all.iter().filter(|(_, _, ppid)| *ppid == parent) {
            family.push(pid.clone());
            found.extend((comm == name).then(|| pid.clone()));
        }
    }
    found
}

/// Pid, name and parent, see proc_pid_stat(5).
fn stat(pid: &str) -> Option<(String, String, String)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (start, rest) = text.rsplit_once(") ")?;
    let (pid, comm) = start.split_once(" (")?;
    Some((pid.to_owned(), comm.to_owned(), rest.split(' ').nth(1)?.to_owned()))
}

fn pss_kib(pid: &str) -> Option<u64> {
    let text = fs::read_to_string(format!("/proc/{pid}/smaps_rollup")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("Pss:"))?;
    line.split_whitespace().next()?.parse().ok()
}
