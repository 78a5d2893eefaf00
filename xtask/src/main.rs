//! Every chore of the house: `cargo xtask help` lists them.
//!
//! `main.rs` only picks the chore; each one is a module of its own. A chore is a plain function of its arguments.

#![forbid(unsafe_code)]

mod ci;
mod proc;
mod scratch;
mod test;
mod tidy;
mod tools;

use std::process::ExitCode;

/// What a chore answers: a sentence for a person where it went wrong.
type Result<T = ()> = std::result::Result<T, String>;

struct Chore {
    name: &'static str,
    options: &'static str,
    does: &'static str,
    examples: &'static [&'static str],
    run: fn(&[String]) -> Result,
}

const CHORES: &[Chore] = &[
    Chore {
        name: "test",
        options: "[--require NAME[,NAME..]|available|all] [--no-install]",
        does: "sets up what tests need, runs all of them (as root also as an ordinary user), says what was skipped",
        examples: &["cargo xtask test", "cargo xtask test --no-install", "cargo xtask test --require bwrap,busybox"],
        run: test::main,
    },
    Chore {
        name: "tidy",
        options: "",
        does: "checks the rules no compiler knows: dependency arrows, file sizes, unsafe, attack rows, paths",
        examples: &["cargo xtask tidy"],
        run: tidy::main,
    },
    Chore {
        name: "ci",
        options: "",
        does: "everything a change must pass: format, lints, docs, tidy, other platforms, tests",
        examples: &["cargo xtask ci", "bash .ci/run"],
        run: ci::main,
    },
];

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (name, rest) = match args.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("help", &[][..]),
    };
    if matches!(name, "help" | "--help" | "-h") || rest.iter().any(|arg| matches!(arg.as_str(), "--help" | "-h")) {
        help();
        return ExitCode::SUCCESS;
    }
    let outcome = match CHORES.iter().find(|chore| chore.name == name) {
        Some(chore) => (chore.run)(rest),
        None => Err(format!("no chore is called {name:?}; `cargo xtask help` lists them")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(why) => {
            eprintln!("xtask {name}: {why}");
            ExitCode::FAILURE
        }
    }
}

fn help() {
    println!("cargo xtask CHORE [OPTIONS]\n");
    for chore in CHORES {
        println!("  {} {}\n      {}", chore.name, chore.options, chore.does);
        for example in chore.examples {
            println!("        $ {example}");
        }
        println!();
    }
}
