//! Settings that forbid namespaces. They are read only to explain a failure: whether namespaces work, only making one shows.

use std::fs;

/// The first kind of namespace that none may be made of.
pub(super) fn exhausted() -> Option<&'static str> {
    const LIMITS: [&str; 7] = [
        "user.max_user_namespaces",
        "user.max_pid_namespaces",
        "user.max_mnt_namespaces",
        "user.max_net_namespaces",
        "user.max_ipc_namespaces",
        "user.max_uts_namespaces",
        "user.max_cgroup_namespaces",
    ];
    LIMITS.into_iter().find(|name| is(name, "0"))
}

/// Debian's own switch.
pub(super) fn debian_forbids() -> bool {
    is("kernel.unprivileged_userns_clone", "0")
}

/// Ubuntu's own switch.
pub(super) fn apparmor_restricts() -> bool {
    is("kernel.apparmor_restrict_unprivileged_userns", "1")
}

fn is(name: &str, value: &str) -> bool {
    let path = format!("/proc/sys/{}", name.replace('.', "/"));
    fs::read_to_string(path).is_ok_and(|content| content.trim() == value)
}
