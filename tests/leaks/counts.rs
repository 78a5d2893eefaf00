//! What a job could leave on the machine. Other programs come and go meanwhile, so only what a jail could have made is
//! counted: what is ours or below us, and elsewhere what bears our name or belongs to a job's user.

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use rustix::fs::{FlockOperation, flock};

/// The host users of jobs, see nix-jail-linux: as root, each job has one of its own.
const JOB_UIDS: std::ops::Range<u32> = 524_288..589_824;

/// Orphans among the processes below us become our children, instead of getting away.
pub(super) fn take_orphans() {
    rustix::process::set_child_subreaper(Some(rustix::process::getpid())).expect("it needs no right");
}

/// By kind, what there is: each thing with how often.
#[derive(Debug)]
pub(super) struct Counts(BTreeMap<&'static str, BTreeMap<String, usize>>);

impl Counts {
    pub(super) fn take() -> Self {
        let kinds = [
            ("mounts", lines("/proc/self/mountinfo", "")),
            ("processes", processes()),
            ("descriptors", descriptors()),
            ("cgroups", beneath(Path::new("/sys/fs/cgroup"), 4, &named)),
            ("uid locks", unlocked(Path::new("/run/nix-jail/uids"))),
            ("files", files()),
            ("System V objects", system_v()),
            ("abstract sockets", lines("/proc/net/unix", "@nix-jail")),
        ];
        Self(kinds.map(|(kind, found)| (kind, tally(found))).into())
    }

    /// What is here and was not in `before`, with its kind.
    pub(super) fn beyond(&self, before: &Self) -> Vec<String> {
        let mut new = Vec::new();
        for (kind, things) in &self.0 {
            let known = |thing| before.0.get(kind).and_then(|things| things.get(thing)).copied().unwrap_or(0);
            let beyond = things.iter().filter(|(thing, count)| **count > known(*thing));
            new.extend(beyond.map(|(thing, _)| format!("{kind}: {thing}")));
        }
        new
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let count = |things: &BTreeMap<String, usize>| things.values().sum::<usize>();
        let all: Vec<String> = self.0.iter().map(|(kind, things)| format!("{} {kind}", count(things))).collect();
        f.write_str(&all.join(", "))
    }
}

fn tally(things: Vec<String>) -> BTreeMap<String, usize> {
    let mut counts = BTreeMap::new();
    things.into_iter().for_each(|thing| *counts.entry(thing).or_default() += 1);
    counts
}

fn lines(file: &str, with: &str) -> Vec<String> {
    let text = fs::read_to_string(file).unwrap_or_default();
    text.lines().filter(|line| line.contains(with)).map(str::to_owned).collect()
}

/// All below us, zombies too, as name and state: a number would never be seen twice.
fn processes() -> Vec<String> {
    let stats: Vec<(String, String, String)> = names(Path::new("/proc")).iter().filter_map(|pid| stat(pid)).collect();
    let (mut family, mut found) = (vec![std::process::id().to_string()], Vec::new());
    while let Some(parent) = family.pop() {
        for (pid, shown, _) in stats.iter().filter(|(_, _, ppid)| *ppid == parent) {
            family.push(pid.clone());
            found.push(shown.clone());
        }
    }
    found
}

/// Pid, name with state, and parent: proc_pid_stat(5).
fn stat(pid: &str) -> Option<(String, String, String)> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (start, rest) = text.rsplit_once(") ")?;
    let mut fields = rest.split(' ');
    let shown = format!("{} {}", start.split_once(" (")?.1, fields.next()?);
    Some((pid.to_owned(), shown, fields.next()?.to_owned()))
}

/// What they refer to; the inode of an anonymous one says nothing.
fn descriptors() -> Vec<String> {
    let of = |fd: &String| fs::read_link(format!("/proc/self/fd/{fd}")).ok();
    let shown = |path: std::path::PathBuf| path.to_string_lossy().split(":[").next().map(str::to_owned);
    names(Path::new("/proc/self/fd")).iter().filter_map(of).filter_map(shown).collect()
}

fn named(path: &Path) -> bool {
    path.file_name().is_some_and(|name| name.to_string_lossy().contains("nix-jail"))
}

/// Files that bear our name or belong to a job's user, but for those that tests and benches make beside us.
fn files() -> Vec<String> {
    const OF_TESTS: [&str; 2] = ["nix-jail-bench-", "nix-jail-case-"];
    let ours = |path: &Path| {
        let of_a_job = fs::symlink_metadata(path).is_ok_and(|meta| JOB_UIDS.contains(&meta.uid()));
        let shown = path.to_string_lossy();
        (of_a_job || named(path)) && !OF_TESTS.iter().any(|name| shown.contains(name))
    };
    let mut found = beneath(&std::env::temp_dir(), 1, &ours);
    found.extend(beneath(Path::new("/dev/shm"), 1, &ours));
    found.extend(names(Path::new("/run/nix-jail")).into_iter().map(|name| format!("/run/nix-jail/{name}")));
    found
}

/// Lock files that nobody holds: the others are those of jobs that run.
fn unlocked(dir: &Path) -> Vec<String> {
    let free = |name: &String| {
        let file = fs::File::open(dir.join(name));
        file.is_ok_and(|file| flock(&file, FlockOperation::NonBlockingLockExclusive).is_ok())
    };
    names(dir).into_iter().filter(free).collect()
}

fn system_v() -> Vec<String> {
    ["shm", "sem", "msg"].iter().flat_map(|kind| lines(&format!("/proc/sysvipc/{kind}"), "")).collect()
}

/// Paths below `dir`, at most so deep, that are wanted.
fn beneath(dir: &Path, depth: u32, wanted: &dyn Fn(&Path) -> bool) -> Vec<String> {
    let mut found = Vec::new();
    for name in names(dir) {
        let path = dir.join(name);
        if wanted(&path) {
            found.push(path.display().to_string());
        }
        if depth > 1 && fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_dir()) {
            found.extend(beneath(&path, depth - 1, wanted));
        }
    }
    found
}

fn names(dir: &Path) -> Vec<String> {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    entries.filter_map(|entry| entry.file_name().into_string().ok()).collect()
}
