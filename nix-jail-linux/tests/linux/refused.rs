//! A machine that cannot build the walls: refused with the reason and the fix. Such machines are made of namespaces here.

use nix_jail_core::{Error, Feature, Support};

use crate::support::{copy, jail, part};

/// Runs this test binary's `name` where `shell` has been done in a user namespace of its own.
fn on_a_machine_where(shell: &str, name: &str) {
    let script = format!("{shell}\nexec \"$@\"");
    let before = ["unshare", "-Urmpf", "--mount-proc", "sh", "-ec", &script, "sh"];
    let output = copy(&before, name, "play").output().expect("unshare");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{said}{}", String::from_utf8_lossy(&output.stderr));
}

fn start() -> Result<(), Error> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async { jail().command("true").status().await.map(drop) })
}

/// The error that a start ends with, and what a probe says.
fn refusal() -> (String, String) {
    let found = nix_jail_linux::platform(true).capabilities();
    let finding = found.get(Feature::PrivateProcesses).expect("a finding");
    assert_eq!(finding.support, Support::Unsupported, "{finding:?}");
    match start() {
        Err(Error::Privilege { why, fix: Some(fix), .. }) => {
            assert!(finding.how.contains(&why), "the probe says the same: {finding:?}");
            (why, fix)
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_control_is_a_machine_that_can() {
    match part() {
        Some(_) => start().expect("a nested namespace is no obstacle"),
        None => on_a_machine_where("true", "refused::the_control_is_a_machine_that_can"),
    }
}

#[test]
fn user_namespaces_are_switched_off() {
    if part().is_none() {
        return on_a_machine_where(
            "echo 0 > /proc/sys/user/max_user_namespaces",
            "refused::user_namespaces_are_switched_off",
        );
    }
    let (why, fix) = refusal();
    assert!(
        why.contains("user.max_user_namespaces is 0") && fix.contains("sysctl -w user.max_user_namespaces="),
        "{why} {fix}"
    );
}

#[test]
fn network_namespaces_are_switched_off() {
    if part().is_none() {
        return on_a_machine_where(
            "echo 0 > /proc/sys/user/max_net_namespaces",
            "refused::network_namespaces_are_switched_off",
        );
    }
    let (why, fix) = refusal();
    assert!(
        why.contains("user.max_net_namespaces is 0") && fix.contains("sysctl -w user.max_net_namespaces="),
        "{why} {fix}"
    );
}

#[test]
fn proc_is_masked() {
    if part().is_none() {
        return on_a_machine_where("mount -t tmpfs none /proc/sys", "refused::proc_is_masked");
    }
    let (why, fix) = refusal();
    assert!(why.contains("mounted over") && fix.contains("unmasked /proc"), "{why} {fix}");
}
