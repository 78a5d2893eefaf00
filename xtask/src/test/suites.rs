//! What is built to be tested, and what came out of it.

use crate::Result;
use crate::proc::Cmd;
use serde_json::Value;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// Packages that are built and tested with the same features.
pub(crate) struct Suite {
    pub(crate) name: &'static str,
    pub(crate) cargo_args: &'static [&'static str],
}

/// The core's `fake` and `conformance` are for its own tests. They are a suite of their own, so that the other
/// packages, and the binary whose tests these are, are built with the features that their users get.
pub(crate) const SUITES: &[Suite] = &[
    Suite { name: "the workspace", cargo_args: &["--workspace", "--exclude", "nix-jail-core"] },
    Suite { name: "the core", cargo_args: &["-p", "nix-jail-core", "--features", "fake,conformance"] },
];

/// An integration-test binary.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct TestBinary {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
}

#[derive(Debug, Default)]
pub(crate) struct Built {
    pub(crate) tests: Vec<TestBinary>,
    /// The `nix-jail` command.
    pub(crate) cli: Option<PathBuf>,
    pub(crate) examples: Vec<PathBuf>,
}

impl Built {
    /// Where tests find what they do not build themselves.
    pub(crate) fn vars(&self) -> Vec<(String, OsString)> {
        let examples = self.examples.first().and_then(|example| example.parent());
        let examples = examples.map(|dir| ("NIX_JAIL_EXAMPLES".to_owned(), dir.into()));
        self.cli.iter().map(|cli| ("NIX_JAIL_BIN".to_owned(), cli.into())).chain(examples).collect()
    }
}

/// The same features as an argument for a command that takes the whole workspace at once.
pub(crate) const FEATURES: &str = "--features=nix-jail-core/fake,nix-jail-core/conformance";

/// The checkout that this xtask belongs to.
pub(crate) fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Builds everything that the tests run, so that a test's time is its own. A runner builds nothing anew afterwards.
pub(crate) fn build() -> Result<Built> {
    let mut built = Built::default();
    for suite in SUITES {
        let cargo = Cmd::cargo().args(["test", "--no-run", "--message-format=json-render-diagnostics"]);
        let messages = cargo.args(suite.cargo_args).cwd(root()).read()?;
        collect(&messages, &mut built)?;
    }
    println!("   {} integration-test binaries, {} examples", built.tests.len(), built.examples.len());
    if built.cli.is_none() {
        println!("   no nix-jail binary was built: NIX_JAIL_BIN is not set");
    }
    Ok(built)
}

/// Reads cargo's messages, one JSON object a line.
fn collect(messages: &str, built: &mut Built) -> Result {
    for line in messages.lines().filter(|line| line.starts_with('{')) {
        let message: Value =
            serde_json::from_str(line).map_err(|error| format!("cargo's message {line:?}: {error}"))?;
        let text = |at: &str| message.pointer(at).and_then(Value::as_str);
        let (Some("compiler-artifact"), Some(path)) = (text("/reason"), text("/executable")) else { continue };
        let (name, kind) = (text("/target/name").unwrap_or_default(), text("/target/kind/0").unwrap_or_default());
        let harness = message.pointer("/profile/test").and_then(Value::as_bool).unwrap_or_default();
        match (kind, harness) {
            ("test", _) => {
                let package = text("/manifest_path").and_then(|path| Path::new(path).parent()?.file_name()?.to_str());
                let name = format!("{}/{name}", package.unwrap_or("?"));
                built.tests.push(TestBinary { name, path: path.into() });
            }
            ("bin", false) if name == "nix-jail" => built.cli = Some(path.into()),
            ("example", false) => built.examples.push(path.into()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn executables_are_told_apart() {
        let message = |kind: &str, name: &str, test: bool, exe: &str| {
            format!(
                r#"{{"reason":"compiler-artifact","manifest_path":"/x/nix-jail-cli/Cargo.toml","executable":{exe},
                   "target":{{"kind":["{kind}"],"name":"{name}"}},"profile":{{"test":{test}}}}}"#
            )
            .replace('\n', "")
        };
        let messages = [
            message("lib", "nix_jail", true, r#""/t/deps/nix_jail-1""#),
            message("lib", "nix_jail", false, "null"),
            message("bin", "nix-jail", true, r#""/t/deps/nix_jail-2""#),
            message("bin", "nix-jail", false, r#""/t/nix-jail""#),
            message("bin", "xtask", false, r#""/t/xtask""#),
            message("test", "it", true, r#""/t/deps/it-3""#),
            message("example", "embed", false, r#""/t/examples/embed""#),
            r#"{"reason":"build-finished","success":true}"#.to_owned(),
        ];
        let mut built = Built::default();
        collect(&messages.join("\n"), &mut built).expect("good messages");
        let it = TestBinary { name: "nix-jail-cli/it".to_owned(), path: "/t/deps/it-3".into() };
        assert_eq!(built.tests, [it]);
        assert_eq!(built.cli, Some("/t/nix-jail".into()));
        let vars = built.vars();
        assert_eq!(vars.len(), 2);
        assert_eq!(vars[1], ("NIX_JAIL_EXAMPLES".to_owned(), "/t/examples".into()));
    }

    #[test]
    fn a_message_that_is_no_json_is_an_error() {
        assert!(collect("{broken", &mut Built::default()).is_err());
    }
}
