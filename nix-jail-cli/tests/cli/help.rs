//! Help is true: each example that it gives is run, and each option that it names exists.

use std::fs;

use crate::bin::{bash, nix_jail};
use crate::skip::{has, has_jail};

const COMMANDS: [&str; 5] = ["run", "doctor", "capabilities", "completions", "man"];

#[test]
fn examples_work() {
    if !has_jail("examples_work") {
        return;
    }
    for command in ["", "run", "doctor", "capabilities", "completions", "man"] {
        let words: Vec<&str> = [command, "--help"].into_iter().filter(|word| !word.is_empty()).collect();
        let help = nix_jail(&words).run().expect(0).stdout;
        let examples = help.split_once("Examples:\n").unwrap_or_else(|| panic!("{command} has no examples")).1;
        let here = tempfile::tempdir().unwrap();
        for line in examples.lines().filter(|line| line.starts_with("  nix-jail ")) {
            let done = bash(line).in_dir(here.path()).run();
            // What a machine lacks is no fault of the example.
            let fine = done.code == 0 || (line.contains("doctor") && done.code == 1);
            assert!(fine, "{line}: {done:#?}");
        }
        if command == "run" {
            assert_eq!(fs::read_to_string(here.path().join("greeting")).unwrap(), "hello\n");
        }
    }
}

#[test]
fn every_command_has_help_and_the_rest_is_refused() {
    let top = nix_jail(&["--help"]).run().expect(0).stdout;
    for command in COMMANDS {
        assert!(top.contains(&format!("\n  {command} ")), "{top}");
        let long = nix_jail(&[command, "--help"]).run().expect(0).stdout;
        assert!(long.contains("Examples:"), "{long}");
        assert_eq!(nix_jail(&["help", command]).run().expect(0).stdout, long);
    }
    assert!(nix_jail(&["--version"]).run().expect(0).stdout.starts_with("nix-jail 0."));
    let none: [&str; 0] = [];
    assert!(nix_jail(&none).run().expect(125).stderr.contains("Usage: nix-jail"));
    let done = nix_jail(&["cargo", "build"]).run().expect(125);
    assert!(done.stderr.contains("nix-jail run cargo"), "{done:#?}");
    let done = nix_jail(&["docter"]).run().expect(125);
    assert!(done.stderr.contains("did you mean doctor?"), "{done:#?}");
    nix_jail(&["completions", "bsh"]).run().expect(125);
    nix_jail(&["completions"]).run().expect(125);
}

#[test]
fn completions_are_read_by_their_shells() {
    for (shell, check) in [("bash", "bash -n"), ("zsh", "zsh -n"), ("fish", "fish -n")] {
        let script = nix_jail(&["completions", shell]).run().expect(0).stdout;
        assert!(script.contains("allow-degraded"), "{shell}");
        if shell == "bash" || has(shell, "completions_are_read_by_their_shells") {
            bash(&format!("cat > c; {check} c")).stdin(script).run().expect(0);
        }
    }
    assert!(nix_jail(&["completions", "elvish"]).run().expect(0).stdout.contains("allow-degraded"));
}

#[test]
fn the_manual_page_is_roff() {
    let page = nix_jail(&["man"]).run().expect(0).stdout;
    assert!(page.contains(".TH") && page.contains("allow\\-degraded"), "{page}");
    if has("groff", "the_manual_page_is_roff") {
        let done = bash("groff -man -Tascii -ww").stdin(page).run().expect(0);
        assert!(done.stderr.is_empty(), "{done:#?}");
        assert!(done.stdout.contains("Exit code"), "{done:#?}");
    }
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let done = bash("nix-jail man | head -1; echo ${PIPESTATUS[0]}").run().expect(0);
    assert!(done.stdout.ends_with("\n0\n") && done.stderr.is_empty(), "{done:#?}");
}
