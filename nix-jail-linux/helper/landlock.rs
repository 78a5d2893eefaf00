//! The Landlock rules: made once for the jail, entered by every program before it is executed. See landlock(7).
use crate::plan::Plan;
use crate::report::{During, Refusal};
use crate::sys::{EINVAL, ENOENT, Fd, fs, task};
use crate::wire::Step;

/// EXECUTE, WRITE_FILE, READ_FILE, TRUNCATE and IOCTL_DEV: what a rule for a file may grant.
const FOR_FILES: u64 = 1 | 1 << 1 | 1 << 2 | 1 << 14 | 1 << 15;

/// Opens the paths of the rules in the new root. A path that does not exist needs no rule.
pub fn prepare(plan: &Plan<'_>) -> Result<Option<Fd>, Refusal> {
    let Some(wanted) = &plan.landlock else { return Ok(None) };
    let attributes = [wanted.handled_fs, wanted.handled_net, wanted.scoped];
    let ruleset = task::landlock_ruleset(attributes).and_then(task::raise).during(Step::LandlockRules)?;
    for (index, rule) in wanted.rules.clone().enumerate() {
        let path = match fs::open(fs::AT_FDCWD, rule.path, fs::O_PATH, fs::NO_LINKS) {
            Err(ENOENT) => continue,
            other => other.at(Step::LandlockPath, index)?,
        };
        match task::landlock_allow(&ruleset, &path, rule.access) {
            Err(EINVAL) if rule.access & FOR_FILES != 0 => {
                task::landlock_allow(&ruleset, &path, rule.access & FOR_FILES).at(Step::LandlockRules, index)?;
            }
            other => other.at(Step::LandlockRules, index)?,
        }
    }
    Ok(Some(ruleset))
}
