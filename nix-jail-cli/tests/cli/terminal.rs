//! What is left of the caller's terminal, and completions as bash uses them.

use crate::bin::bash;

/// Runs a line of shell on a terminal of its own, and prints what appears on it.
fn on_a_terminal(line: &str) -> String {
    bash(&format!("script -qec '{line}' /dev/null < /dev/null")).run().stdout
}

#[test]
fn its_settings_are_put_back() {
    let after = |job: &str| on_a_terminal(&format!("{job}; echo; stty -a"));
    assert!(after("stty -echo").contains(" -echo "), "the control: without a jail the setting stays");
    assert!(!after("nix-jail run -- stty -echo").contains(" -echo "));
}

#[test]
fn a_job_in_the_background_reads_nothing_of_it() {
    // The control: in the foreground it is the job that reads.
    assert!(on_a_terminal("nix-jail run -- sh -c \"test -t 0 && echo terminal\"").contains("terminal"));
    let line = "set -m; nix-jail run -- sh -c \"test -t 0 || echo nothing\" & wait";
    assert!(on_a_terminal(line).contains("nothing"));
}

#[test]
fn bash_completes_the_options_of_a_subcommand() {
    let completed = |words: &str, word: &str| {
        let script = format!(
            "source <(nix-jail completions bash); COMP_WORDS=({words} {word}); COMP_CWORD=2; \
             $(complete -p nix-jail | sed 's/.*-F \\([^ ]*\\).*/\\1/') nix-jail '{word}' run; echo \"${{COMPREPLY[@]}}\""
        );
        bash(&script).run().stdout
    };
    let said = completed("nix-jail run", "--t");
    assert!(said.contains("--time") && said.contains("--tmpfs") && !said.contains("--json"), "{said}");
}
