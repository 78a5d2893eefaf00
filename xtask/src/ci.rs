//! `cargo xtask ci`: everything a change must pass. Each step runs, even after one has failed, so that one run tells
//! all; the closing lines count them.

use crate::Result;
use crate::proc::Cmd;
use crate::test::skips::{Require, Skip};
use crate::test::{self, FEATURES, Options, Tally};
use crate::tidy;
use std::time::Instant;

/// Other systems that the core and the facade must compile for, with default features, so that the core does not set
/// in the shape of this one.
const TARGETS: &[&str] = &["aarch64-apple-darwin", "x86_64-unknown-freebsd"];

#[derive(Default)]
struct Steps {
    tally: Tally,
    failures: Vec<String>,
}

pub(crate) fn main(args: &[String]) -> Result {
    if let Some(arg) = args.first() {
        return Err(format!("ci takes no options, not {arg:?}"));
    }
    let mut steps = Steps::default();
    steps.run("format", || cargo(&["fmt", "--all", "--check"]).run());
    steps.run("lints, default features", || clippy(&[]));
    steps.run("lints, with the core's fakes and conformance suite", || clippy(&[FEATURES]));
    steps
        .run("docs", || cargo(&["doc", "--no-deps", "--workspace", FEATURES]).env("RUSTDOCFLAGS", "-D warnings").run());
    steps.run("tidy", tidy::check);
    for target in TARGETS {
        let name = format!("check for {target}");
        if let Err(why) = have_target(target) {
            steps.skip(&name, Skip::new(&format!("target-{target}"), &why));
            continue;
        }
        steps.run(&name, || cargo(&["check", "--target", target, "-p", "nix-jail-core", "-p", "nix-jail"]).run());
    }
    oldest_rust(&mut steps);

    let mut require = Require::default();
    require.add("available")?;
    let report = test::run(Options { require, no_install: false });
    let (tests, verdict) = match &report {
        Ok(report) => (report.tally, report.verdict()),
        Err(why) => (Tally { failed: 1, ..Tally::default() }, Err(why.clone())),
    };
    steps.end("tests", verdict);

    println!();
    for failure in &steps.failures {
        println!("FAILED {failure}");
    }
    println!("steps: {}", steps.tally);
    println!("tests: {tests}");
    if steps.failures.is_empty() { Ok(()) } else { Err(format!("{} steps failed", steps.failures.len())) }
}

impl Steps {
    fn run(&mut self, name: &str, step: impl FnOnce() -> Result) {
        println!("\n=== {name}");
        let start = Instant::now();
        let outcome = step();
        println!("    {:.1} s", start.elapsed().as_secs_f64());
        self.end(name, outcome);
    }

    fn end(&mut self, name: &str, outcome: Result) {
        match outcome {
            Ok(()) => self.tally.passed += 1,
            Err(why) => {
                println!("    FAILED: {why}");
                self.tally.failed += 1;
                self.failures.push(format!("{name}: {why}"));
            }
        }
    }

    fn skip(&mut self, name: &str, skip: Skip) {
        println!("\n=== {name}\n    {skip}");
        self.tally.skipped += 1;
    }
}

fn cargo(args: &[&str]) -> Cmd {
    Cmd::cargo().args(args).cwd(test::root())
}

fn clippy(features: &[&str]) -> Result {
    cargo(&["clippy", "--workspace", "--all-targets"]).args(features).args(["--", "-D", "warnings"]).run()
}

/// Whether rustc has the target's standard library; asks rustup for it where it has not.
fn have_target(target: &str) -> Result {
    let there = || {
        let dir = Cmd::new("rustc").args(["--print", "target-libdir", "--target", target]).read();
        dir.is_ok_and(|dir| std::path::Path::new(dir.trim()).is_dir())
    };
    if there() || (Cmd::new("rustup").args(["target", "add", target]).run().is_ok() && there()) {
        return Ok(());
    }
    Err(format!("rustc has no standard library for {target}, and `rustup target add {target}` did not bring it"))
}

/// The version that `rust-version` promises, where that toolchain is installed. We install none: without it, clippy's
/// `incompatible_msrv` still knows which of std's functions are too new.
fn oldest_rust(steps: &mut Steps) {
    let manifest = std::fs::read_to_string(test::root().join("Cargo.toml")).unwrap_or_default();
    let Some(version) = rust_version(&manifest) else {
        return steps.end("oldest Rust", Err("the root Cargo.toml names no rust-version".to_owned()));
    };
    let name = format!("oldest Rust, {version}");
    let toolchain = Cmd::new("rustup").args(["toolchain", "list"]).read().unwrap_or_default();
    match toolchain.lines().find(|line| line.starts_with(version)) {
        Some(line) => {
            let toolchain = line.split_whitespace().next().unwrap_or(version);
            let check = ["run", toolchain, "cargo", "check", "--workspace", "--target-dir", "target/msrv"];
            // Set by our own cargo, and would name its compiler.
            let cmd = Cmd::new("rustup").args(check).cwd(test::root()).env("RUSTUP_TOOLCHAIN", toolchain);
            steps.run(&name, || cmd.run());
        }
        None => steps.skip(&name, Skip::new("oldest-rust", &format!("toolchain {version} is not installed"))),
    }
}

fn rust_version(manifest: &str) -> Option<&str> {
    let line = manifest.lines().find_map(|line| line.strip_prefix("rust-version"))?;
    Some(line.trim_start_matches([' ', '=']).trim().trim_matches('"')).filter(|version| !version.contains("workspace"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_promised_version_is_found() {
        let manifest = "[workspace.package]\nedition = \"2024\"\nrust-version = \"1.90\"\n[package]\nrust-version.workspace = true";
        assert_eq!(rust_version(manifest), Some("1.90"));
        assert_eq!(rust_version("[package]\nname = \"x\""), None);
    }

    #[test]
    fn every_step_runs_and_is_counted() {
        let mut steps = Steps::default();
        steps.run("bad", || Err("why".to_owned()));
        steps.run("good", || Ok(()));
        steps.skip("other", Skip::new("x", "y"));
        assert_eq!(steps.tally.to_string(), "1 passed, 1 failed, 1 skipped");
        assert_eq!(steps.failures, ["bad: why"]);
    }
}
