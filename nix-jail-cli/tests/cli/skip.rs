//! What cannot be tested here is said and counted.

use std::fs::OpenOptions;
use std::io::Write;
use std::path::Path;
use std::sync::OnceLock;

use crate::bin::nix_jail;

/// Says that a test did not run, and why. Fails where `NIX_JAIL_REQUIRE` names what it needs.
pub(crate) fn skip(need: &str, test: &str, reason: &str) {
    let reason = reason.trim().replace('\n', "; ");
    let line = format!("SKIPPED {need}: {test}: {reason}\n");
    eprint!("{line}");
    if let Some(file) = std::env::var_os("NIX_JAIL_SKIPS") {
        let appended =
            OpenOptions::new().append(true).create(true).open(file).and_then(|mut f| f.write_all(line.as_bytes()));
        appended.expect("NIX_JAIL_SKIPS names a file that can be written to");
    }
    let required = std::env::var("NIX_JAIL_REQUIRE").unwrap_or_default();
    assert!(!required.split(',').any(|name| name == need || name == "all"), "required: {line}");
}

/// Whether a jail can be had at all; if not, `test` is skipped.
pub(crate) fn has_jail(test: &str) -> bool {
    static REFUSAL: OnceLock<Option<String>> = OnceLock::new();
    let refusal = REFUSAL.get_or_init(|| {
        let done = nix_jail(&["run", "true"]).run();
        (done.code != 0).then_some(done.stderr)
    });
    if let Some(refusal) = refusal {
        skip("jail", test, refusal);
    }
    refusal.is_none()
}

/// Whether a jail can be had, and has this program of the host in it.
pub(crate) fn has(program: &str, test: &str) -> bool {
    let there = ["/usr/bin", "/bin"].iter().any(|dir| Path::new(dir).join(program).exists());
    if !there {
        skip(program, test, &format!("{program} is not in /usr/bin"));
    }
    there && has_jail(test)
}
