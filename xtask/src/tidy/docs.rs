//! The architecture page is a map; a map that names a house long gone is worse than none.

use super::arrows::Package;
use super::{Finding, Tree};

const MAP: &str = "docs/architecture.md";

pub(super) fn check(tree: &Tree, packages: &[Package]) -> Vec<Finding> {
    let Some(map) = tree.file(MAP) else { return Vec::new() };
    let mut findings = Vec::new();
    for (index, line) in map.text.lines().enumerate() {
        for name in crates(line) {
            if !packages.iter().any(|package| package.name == name) {
                let place = format!("{MAP}:{}", index + 1);
                findings.push(Finding::error(place, format!("names the crate {name}, which does not exist")));
            }
        }
    }
    findings
}

/// Every `nix-jail-something` of a line.
fn crates(line: &str) -> impl Iterator<Item = &str> {
    line.match_indices("nix-jail-").map(|(at, _)| {
        let name = &line[at..];
        let end = name.find(|char: char| char != '-' && !char.is_ascii_alphanumeric()).unwrap_or(name.len());
        name[..end].trim_end_matches('-')
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(map: &str) -> usize {
        let package = |name: &str| Package { name: name.to_owned(), dependencies: Vec::new() };
        check(&Tree::of(&[(MAP, map)]), &[package("nix-jail"), package("nix-jail-core")]).len()
    }

    #[test]
    fn named_crates_exist() {
        assert_eq!(findings("`nix-jail` and `nix-jail-core/src/spec.rs`, nix-jail-core."), 0);
        assert_eq!(check(&Tree::of(&[("README.md", "nix-jail-gone")]), &[]), []);
    }

    #[test]
    fn or_the_map_is_wrong() {
        assert_eq!(findings("first\n`nix-jail-gone/src`: and `nix-jail-core-x`"), 2);
    }
}
