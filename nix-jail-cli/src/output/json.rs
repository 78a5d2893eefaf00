//! Events and results as JSON: a line each, on stderr, so that stdout is the job's alone.

use std::time::{SystemTime, UNIX_EPOCH};

use nix_jail::{Degraded, Exit, Fact, Feature, JobEvent, JobKey, Support, Usage};
use serde::Serialize;

use super::{Failure, to_stderr, to_stdout};

/// Something that happened to the job. Its end is not told here: the result, the last line, is.
pub(crate) fn fact(event: &JobEvent) {
    if !matches!(event.fact, Fact::Exited(_)) {
        print(&Line { what: &event.fact, job: event.job.id.as_str(), at_ms: millis(event.at) });
    }
}

/// A piece of what the job wrote to stderr; a full line ends in its newline.
pub(crate) fn stderr(job: &JobKey, piece: &[u8]) {
    let what = match std::str::from_utf8(piece) {
        Ok(text) => Stderr { event: "stderr", text: Some(text), bytes: None },
        Err(_) => Stderr { event: "stderr", text: None, bytes: Some(piece) },
    };
    print(&Line { what, job: job.id.as_str(), at_ms: millis(SystemTime::now()) });
}

/// Something that nix-jail has to say itself.
pub(super) fn note(text: &str) {
    print(&Note { event: "note", text, at_ms: millis(SystemTime::now()) });
}

/// The last line of a job that ran.
pub(crate) fn result(job: &JobKey, exit: &Exit, code: u8, degraded: &[Degraded]) {
    print(&Outcome {
        event: "result",
        job: Some(job.id.as_str()),
        reason: exit.reason.word(),
        code: exit.code,
        signal: exit.signal,
        exit: code,
        usage: Some(Used::from(&exit.usage)),
        degraded: degraded.iter().map(Weak::from).collect(),
        error: None,
    });
}

/// The last line, and the only one of ours, where no job ran.
pub(crate) fn refused(failure: &Failure) {
    print(&Outcome {
        event: "result",
        job: None,
        reason: failure.reason(),
        code: None,
        signal: None,
        exit: failure.exit(),
        usage: None,
        degraded: Vec::new(),
        error: Some(failure),
    });
}

/// One object on stdout, for people to read as well.
pub(crate) fn object(value: &impl Serialize) -> u8 {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_default();
    text.push('\n');
    to_stdout(&text)
}

#[derive(Serialize)]
struct Line<'a, T: Serialize> {
    #[serde(flatten)]
    what: T,
    job: &'a str,
    at_ms: u64,
}

#[derive(Serialize)]
struct Stderr<'a> {
    event: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    text: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    bytes: Option<&'a [u8]>,
}

#[derive(Serialize)]
struct Note<'a> {
    event: &'static str,
    text: &'a str,
    at_ms: u64,
}

#[derive(Serialize)]
struct Outcome<'a> {
    event: &'static str,
    job: Option<&'a str>,
    reason: &'a str,
    code: Option<i32>,
    signal: Option<i32>,
    exit: u8,
    usage: Option<Used>,
    degraded: Vec<Weak<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<&'a Failure>,
}

/// What was used, in units that need no parsing.
#[derive(Serialize)]
struct Used {
    wall_us: u64,
    cpu_us: u64,
    peak_memory_bytes: Option<u64>,
}

impl From<&Usage> for Used {
    fn from(usage: &Usage) -> Self {
        let micros = |d: std::time::Duration| u64::try_from(d.as_micros()).unwrap_or(u64::MAX);
        Self { wall_us: micros(usage.wall), cpu_us: micros(usage.cpu), peak_memory_bytes: usage.peak_memory_bytes }
    }
}

/// A promise that was not kept in full.
#[derive(Serialize)]
pub(super) struct Weak<'a> {
    feature: Feature,
    support: Support,
    how: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    fix: Option<&'a str>,
}

impl<'a> From<&'a Degraded> for Weak<'a> {
    fn from(d: &'a Degraded) -> Self {
        let Degraded { feature, finding, .. } = d;
        Self { feature: *feature, support: finding.support, how: &finding.how, fix: finding.fix.as_deref() }
    }
}

fn print(line: &impl Serialize) {
    let mut text = serde_json::to_string(line).unwrap_or_default();
    text.push('\n');
    to_stderr(&text);
}

fn millis(at: SystemTime) -> u64 {
    at.duration_since(UNIX_EPOCH).map_or(0, |d| u64::try_from(d.as_millis()).unwrap_or(u64::MAX))
}
