//! Nothing of the machine that a file was written on: a path or a mirror of one workplace means nothing elsewhere.

use super::{Finding, Tree};

/// Work directories of build machines, and root's own toolchains. Put together from halves, so that this file may name
/// them.
const DIRS: &[&str] = &[
    concat!("/wo", "rk/"),
    concat!("/bui", "lds/"),
    concat!("/root/", ".cargo"),
    concat!("/root/", ".rustup"),
    concat!("/root/", ".pyenv"),
];

/// Hosts that package clients fetch from. A project that names one is tied to what its author could reach. A preset
/// policy that must name one gets a line in `MAY_NAME_HOSTS`.
const HOSTS: &[&str] = &[
    concat!("static.crates", ".io"),
    concat!("index.crates", ".io"),
    concat!("static.rust-", "lang.org"),
    concat!("deb.", "debian.org"),
    concat!("security.", "debian.org"),
    concat!("pypi.", "org"),
    concat!("files.python", "hosted.org"),
    concat!("registry.npm", "js.org"),
    concat!("proxy.gol", "ang.org"),
];

/// Paths (by their beginning) whose job it is to name hosts.
const MAY_NAME_HOSTS: &[&str] = &[];

/// The one place that a lock file may take a crate from.
const CRATES: &str = "registry+https://github.com/rust-lang/crates.io-index";

pub(super) fn check(tree: &Tree, checkout: &str) -> Vec<Finding> {
    let mut findings = Vec::new();
    // A short path such as /src would be found in half of all texts.
    let here = Some(checkout).filter(|path| path.matches('/').count() >= 2);
    for file in &tree.files {
        let hosts = if MAY_NAME_HOSTS.iter().any(|prefix| file.path.starts_with(prefix)) { &[] } else { HOSTS };
        for (index, line) in file.text.lines().enumerate() {
            let mut bad = |what: String| findings.push(Finding::error(format!("{}:{}", file.path, index + 1), what));
            for path in DIRS.iter().copied().chain(here).filter(|path| starts_a_path(line, path)) {
                bad(format!("names the path {path} of some machine"));
            }
            for host in hosts.iter().filter(|host| line.contains(**host)) {
                bad(format!("names the package registry {host}"));
            }
            let source = line.strip_prefix("source = ").filter(|_| file.path.ends_with("Cargo.lock"));
            if let Some(source) = source.filter(|source| source.trim_matches('"') != CRATES) {
                bad(format!("takes a crate from {source}"));
            }
        }
    }
    findings
}

/// Whether `path` occurs as the beginning of an absolute path, not as a part of a longer one.
fn starts_a_path(line: &str, path: &str) -> bool {
    line.match_indices(path).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|char| char.is_alphanumeric() || matches!(char, '_' | '-' | '.' | '/' | '}' | '~'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(path: &str, text: &str) -> usize {
        check(&Tree::of(&[(path, text)]), "/home/somebody/nix-jail").len()
    }

    #[test]
    fn paths_of_a_machine() {
        for bad in [concat!("see /wo", "rk/x"), concat!("PATH=/root/", ".cargo/bin"), "cd /home/somebody/nix-jail/src"]
        {
            assert_eq!(findings("a.md", bad), 1, "{bad}");
        }
        for good in ["/workspace", concat!("target/wo", "rk/x"), "$HOME/.cargo/bin", "/home/me/.cargo", "/root is 0700"]
        {
            assert_eq!(findings("a.md", good), 0, "{good}");
        }
    }

    #[test]
    fn a_short_checkout_path_means_nothing() {
        assert_eq!(check(&Tree::of(&[("a.md", "ls /src")]), "/src"), []);
    }

    #[test]
    fn registries() {
        assert_eq!(findings("ci.sh", concat!("curl https://static.crates", ".io/x")), 1);
        assert_eq!(findings("ci.sh", "cargo install x"), 0);
        assert_eq!(findings("Cargo.lock", "source = \"registry+https://mirror.example/index\""), 1);
        assert_eq!(findings("Cargo.lock", &format!("source = \"{CRATES}\"")), 0);
    }
}
