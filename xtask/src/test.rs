//! `cargo xtask test`: the one command that sets up, builds and runs every test, and says what it did not run.

mod report;
pub(crate) mod skips;
mod suites;
mod tally;
pub(crate) mod user;

pub(crate) use report::Report;
pub(crate) use suites::{FEATURES, root};

use crate::Result;
use crate::proc::Cmd;
use crate::scratch::Scratch;
use crate::tools;
use skips::{Ledger, Require, Skip};
use std::time::Instant;
use suites::{Built, SUITES};
pub(crate) use tally::Tally;

#[derive(Debug, Default)]
pub(crate) struct Options {
    pub(crate) require: Require,
    pub(crate) no_install: bool,
}

pub(crate) fn main(args: &[String]) -> Result {
    let report = run(parse(args)?)?;
    println!("\n{}", report.tally);
    report.verdict()
}

fn parse(args: &[String]) -> Result<Options> {
    let mut options = Options::default();
    let mut args = args.iter();
    while let Some(arg) = args.next() {
        match arg.split_once('=').map_or((arg.as_str(), None), |(name, value)| (name, Some(value))) {
            ("--no-install", None) => options.no_install = true,
            ("--require", Some(names)) => options.require.add(names)?,
            ("--require", None) => options.require.add(args.next().map_or("", String::as_str))?,
            _ => {
                return Err(format!("test: unknown option {arg:?}; it takes --require NAME[,NAME..] and --no-install"));
            }
        }
    }
    Ok(options)
}

/// Runs all steps and prints what each did; the caller prints the closing line.
pub(crate) fn run(mut options: Options) -> Result<Report> {
    let scratch = Scratch::new()?;
    let root = scratch.uid() == 0;
    let ledger = Ledger::new(scratch.path())?;
    let mut report = Report::default();

    let found = step("1/5 set-up", || tools::set_up(root, !options.no_install));
    if root && found.available.iter().any(|name| name == "setpriv") {
        options.require.available(vec![user::NAME.to_owned()]);
    }
    options.require.available(found.available);
    found.skips.into_iter().for_each(|skip| report.skip(skip));

    match step("2/5 build", suites::build) {
        Ok(built) => {
            step("3/5 unit, conformance, integration, CLI and doc tests", || {
                tests(&built, &ledger, &options.require, &mut report);
            });
            step("4/5 the same integration tests as an ordinary user", || {
                if root {
                    let outcome = user::tests(&scratch, &built, &ledger, &options.require, &mut report);
                    outcome.unwrap_or_else(|why| report.fail(&why));
                } else {
                    println!("   this is an ordinary user: step 3 was that");
                    report.skip(Skip::new("root", "the tests ran as an ordinary user only; run this as root for both"));
                }
            });
        }
        Err(why) => report.fail(&why),
    }
    step("5/5 what did not run", || {
        ledger.read().into_iter().for_each(|skip| report.skipped_by_test(skip));
        report.settle(&options.require);
    });
    // A test that leaves a mount or an immutable file behind is caught here.
    scratch.close().unwrap_or_else(|why| {
        println!("   FAILED {why}");
        report.fail(&why);
    });
    Ok(report)
}

fn step<T>(name: &str, run: impl FnOnce() -> T) -> T {
    println!("\n== {name}");
    let start = Instant::now();
    let answer = run();
    println!("   {:.1} s", start.elapsed().as_secs_f64());
    answer
}

/// As whoever we are: nextest where it is installed (a process a test), else cargo's own runner; then the doc tests,
/// which nextest does not run.
fn tests(built: &Built, ledger: &Ledger, require: &Require, report: &mut Report) {
    let vars = [ledger.vars(require), built.vars()].concat();
    let nextest = Cmd::cargo().args(["nextest", "--version"]).succeeds();
    for suite in SUITES {
        let cmd = if nextest {
            let config = root().join("xtask/nextest.toml");
            let runner = Cmd::cargo().args(["nextest", "run", "--no-tests=pass", "--config-file"]);
            runner.args([config]).args(suite.cargo_args)
        } else {
            Cmd::cargo().args(["test", "--no-fail-fast", "--lib", "--bins", "--tests"]).args(suite.cargo_args)
        };
        report.count(suite.name, cmd.cwd(root()).envs(&vars).tee());
        let doc = Cmd::cargo().args(["test", "--no-fail-fast", "--doc"]).args(suite.cargo_args);
        report.count(&format!("doc tests of {}", suite.name), doc.cwd(root()).envs(&vars).tee());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn args(args: &[&str]) -> Result<Options> {
        parse(&args.iter().map(|arg| (*arg).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn options_in_both_spellings() {
        let options = args(&["--require", "bwrap,node", "--require=git", "--no-install"]).expect("good options");
        assert!(options.no_install);
        for name in ["bwrap", "node", "git"] {
            assert!(options.require.demands(name), "{name}");
        }
        assert!(!options.require.demands("perl"));
    }

    #[test]
    fn bad_options_are_named() {
        for bad in [&["--requires", "x"][..], &["--require"], &["--require", "A B"], &["--no-install=1"], &["filter"]] {
            assert!(args(bad).is_err(), "{bad:?}");
        }
    }
}
