//! Which crate may know which: `core <- {linux, macos, freebsd, proxy, cache} <- nix-jail <- {cli, daemon}`.

use super::Finding;
use crate::Result;
use serde_json::Value;

/// A package of the workspace.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) name: String,
    pub(super) dependencies: Vec<Dependency>,
}

#[derive(Debug, PartialEq, Eq)]
pub(super) struct Dependency {
    pub(super) name: String,
    /// Of its tests, examples and benches only.
    pub(super) dev: bool,
}

const CORE: &str = "nix-jail-core";

/// Every package of the workspace, and those of its siblings that it may depend on. A backend that knew another, or a
/// frontend that knew a backend, could not be taken away without the other noticing.
const ARROWS: &[(&str, &[&str])] = &[
    (CORE, &[]),
    ("nix-jail-linux", &[CORE]),
    ("nix-jail-macos", &[CORE]),
    ("nix-jail-freebsd", &[CORE]),
    ("nix-jail-proxy", &[CORE]),
    ("nix-jail-cache", &[CORE]),
    ("nix-jail", &[CORE, "nix-jail-linux", "nix-jail-macos", "nix-jail-freebsd", "nix-jail-proxy", "nix-jail-cache"]),
    ("nix-jail-cli", &["nix-jail"]),
    ("nix-jail-daemon", &["nix-jail"]),
    ("xtask", &[]),
];

pub(super) fn check(packages: &[Package]) -> Vec<Finding> {
    let mut findings = Vec::new();
    for package in packages {
        let place = format!("package {}", package.name);
        let Some((_, allowed)) = ARROWS.iter().find(|(name, _)| *name == package.name) else {
            findings
                .push(Finding::error(place, "is not in the table of xtask/src/tidy/arrows.rs: where does it belong?"));
            continue;
        };
        let siblings =
            package.dependencies.iter().filter(|dependency| packages.iter().any(|p| p.name == dependency.name));
        for dependency in siblings {
            // Tests above the core may use its fakes and its conformance suite.
            let in_tests = dependency.dev && dependency.name == CORE && !allowed.is_empty();
            if !allowed.contains(&dependency.name.as_str()) && !in_tests {
                let may = if allowed.is_empty() { "none of its siblings".to_owned() } else { allowed.join(", ") };
                findings.push(Finding::error(&place, format!("depends on {}; it may know {may}", dependency.name)));
            }
        }
    }
    findings
}

/// Reads `cargo metadata --no-deps`.
pub(super) fn packages(metadata: &str) -> Result<Vec<Package>> {
    let metadata: Value = serde_json::from_str(metadata).map_err(|error| format!("cargo metadata: {error}"))?;
    let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
    let name = |value: &Value| value["name"].as_str().unwrap_or_default().to_owned();
    let packages = list(&metadata, "packages");
    if packages.is_empty() {
        return Err("cargo metadata names no packages".to_owned());
    }
    let package = |package: &Value| Package {
        name: name(package),
        dependencies: list(package, "dependencies")
            .iter()
            .map(|dependency| Dependency { name: name(dependency), dev: dependency["kind"] == "dev" })
            .collect(),
    };
    Ok(packages.iter().map(package).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn workspace(arrows: &[(&str, &[&str], bool)]) -> Vec<Package> {
        let packages = arrows.iter().map(|(name, names, dev)| Package {
            name: (*name).to_owned(),
            dependencies: names.iter().map(|name| Dependency { name: (*name).to_owned(), dev: *dev }).collect(),
        });
        packages.collect()
    }

    #[test]
    fn the_arrows_of_the_design() {
        let good = [
            ("nix-jail-core", &["serde"][..], false),
            ("nix-jail-linux", &["nix-jail-core", "rustix"], false),
            ("nix-jail", &["nix-jail-core", "nix-jail-linux"], false),
            ("nix-jail-cli", &["nix-jail"], false),
            ("xtask", &["serde_json"], false),
        ];
        assert_eq!(check(&workspace(&good)), []);
        assert_eq!(check(&workspace(&[good[0], ("nix-jail-cli", &["nix-jail-core"], true)])), []);
    }

    #[test]
    fn arrows_that_do_not_exist() {
        let core = ("nix-jail-core", &[][..], false);
        let linux = ("nix-jail-linux", &["nix-jail-core"][..], false);
        for bad in [
            ("nix-jail-macos", &["nix-jail-linux"][..], false),
            ("nix-jail-macos", &["nix-jail-linux"], true),
            ("nix-jail-cli", &["nix-jail-core"], false),
            ("xtask", &["nix-jail-core"], true),
            ("nix-jail-surprise", &[], false),
        ] {
            let findings = check(&workspace(&[core, linux, bad]));
            assert_eq!(findings.len(), 1, "{bad:?}: {findings:?}");
        }
        assert_eq!(check(&workspace(&[("nix-jail-core", &["nix-jail-linux"], false), linux])).len(), 1);
    }

    #[test]
    fn metadata_is_read() {
        let text = r#"{"packages": [{"name": "a", "dependencies": [
            {"name": "b", "kind": null}, {"name": "c", "kind": "dev"}]}]}"#;
        let read = packages(text).expect("good metadata");
        assert_eq!(read[0].dependencies.iter().map(|dependency| dependency.dev).collect::<Vec<_>>(), [false, true]);
        assert!(packages("{}").is_err() && packages("no").is_err());
    }
}
