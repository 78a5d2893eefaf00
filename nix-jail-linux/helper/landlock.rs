//! The Landlock rules: made once for the jail, entered by every program before it is executed. See landlock(7).
use crate::plan::Plan;
use crate::report::{During, Refusal};
use crate::sys::{EINVAL, ENOENT, Fd, fs, rights, task};
use crate::wire::Step;

/// EXECUTE, WRITE_FILE, READ_FILE, TRUNCATE and IOCTL_DEV: what a rule for a file may grant.
const FOR_FILES: u64 = 1 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15;

/// Opens the paths of the rules in the new root. A path that does not exist needs no rule.
pub fn prepare(plan: &Plan<'_>) -> Result<Option<Fd>, Refusal> {
    let Some(wanted) = &plan.landlock else { return Ok(None) };
    let attributes = [wanted.handled_fs, wanted.handled_net, wanted.scoped];
    let ruleset = rights::landlock_ruleset(attributes).and_then(task::raise).during(Step::LandlockRules)?;
    for (index, rule) in wanted.rules.clone().enumerate() {
        let path = match fs::open(fs::AT_FDCWD, rule.path, fs::O_PATH, fs::NO_LINKS) {
            Err(ENOENT) => continue,
            other => other.at(Step::LandlockPath, index)?,
        };
        match rights::landlock_allow(ruleset.raw(), path.raw(), rule.access) {
            Err(EINVAL) if rule.access & FOR_FILES != 0 => {
                rights::landlock_allow(ruleset.raw(), path.raw(), rule.access & FOR_FILES)
                    .at(Step::LandlockRules, index)?;
            }
            other => other.at(Step::LandlockRules, index)?,
        }
    }
    Ok(Some(ruleset))
}

/// Lets the program open its standard descriptors again, as `> /dev/stderr` does, in the way in which it has them: they are
/// files and terminals of the embedder's, beneath no rule. Pipes and sockets need none, and the kernel says so by an error.
pub fn admit_stdio(ruleset: i32, handled: u64) {
    const READ: u64 = 1 << 2 | 1 << 15;
    const WRITE: u64 = 1 << 1 | 1 << 14 | 1 << 15;
    for fd in 0..3 {
        let access = match fs::open_mode(fd) {
            Ok(fs::O_RDONLY) => READ,
            Ok(fs::O_WRONLY) => WRITE,
            Ok(fs::O_RDWR) => READ | WRITE,
            _ => continue,
        };
        let _ = rights::landlock_allow(ruleset, fd, access & handled);
    }
}
