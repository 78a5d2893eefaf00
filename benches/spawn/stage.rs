//! Who measures, where, and with what.

use std::path::{Path, PathBuf};

use nix_jail::Jail;
use rustix::process::{DumpableBehavior, Gid, Uid, geteuid, set_dumpable_behavior};
use rustix::thread::{CpuSet, sched_getaffinity, sched_setaffinity, set_thread_gid, set_thread_groups, set_thread_uid};

use crate::observer::Observer;
use crate::peers;
use crate::place::Place;

/// The user that the bench becomes.
const NOBODY: u32 = 65534;

/// Everything that the subjects share.
pub(crate) struct Stage {
    /// Where criterion writes.
    pub(crate) reports: PathBuf,
    pub(crate) jail: Jail,
    pub(crate) place: Place,
    pub(crate) bwrap: bool,
    pub(crate) cli: Option<PathBuf>,
    pub(crate) observer: Option<Observer>,
    pub(crate) user: String,
}

impl Stage {
    /// Before any thread is started: rights belong to threads.
    pub(crate) fn set() -> Self {
        let observer = geteuid().is_root().then(Observer::start);
        let reports = reports();
        let as_root = std::env::var_os("NIX_JAIL_BENCH_AS_ROOT").is_some_and(|it| it == "1");
        if geteuid().is_root() && !as_root {
            become_nobody(&reports).expect("root may become anybody");
        }
        let cpu = pin().expect("a process may stay where it is");
        let place = Place::make();
        let reports = if writable(&reports) { reports } else { place.root().with_file_name("criterion") };
        let bwrap = Path::new("/usr/bin/bwrap").exists();
        if !bwrap {
            println!("SKIPPED bwrap: it is not installed");
        }
        let cli = peers::find_cli().map_err(|why| println!("SKIPPED the CLI: {why}")).ok();
        let user = format!("uid {}, CPU {cpu}", geteuid().as_raw());
        Self { reports, jail: nix_jail::host(), place, bwrap, cli, observer, user }
    }
}

/// `target/criterion`, by the place of this program: there is none for the current directory of another user.
fn reports() -> PathBuf {
    let exe = std::env::current_exe().unwrap_or_default();
    exe.ancestors().nth(3).unwrap_or(Path::new("target")).join("criterion")
}

fn writable(dir: &Path) -> bool {
    std::fs::create_dir_all(dir).is_ok() && rustix::fs::access(dir, rustix::fs::Access::WRITE_OK).is_ok()
}

fn become_nobody(reports: &Path) -> std::io::Result<()> {
    // Left to a later run as root, which may write anywhere.
    let _ = std::fs::create_dir_all(reports).and_then(|()| std::os::unix::fs::chown(reports, Some(NOBODY), None));
    set_thread_groups(&[])?;
    set_thread_gid(Gid::from_raw(NOBODY))?;
    set_thread_uid(Uid::from_raw(NOBODY))?;
    // The change has made this process one that may not look at itself in /proc.
    set_dumpable_behavior(DumpableBehavior::Dumpable)?;
    Ok(())
}

/// The last CPU: the first one has more interrupts.
fn pin() -> std::io::Result<usize> {
    let allowed = sched_getaffinity(None)?;
    let cpu = (0..CpuSet::MAX_CPU).rev().find(|cpu| allowed.is_set(*cpu)).unwrap_or_default();
    let mut one = CpuSet::new();
    one.set(cpu);
    sched_setaffinity(None, &one)?;
    Ok(cpu)
}
