//! The main function of a test binary: which cases, each in a process of its own, and what came of them.

use std::collections::BTreeMap;
use std::env;
use std::ffi::OsString;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use super::cases::CASES;
use super::grounds::Grounds;
use super::{Bench, Case, Trouble, native, run, skips};
use crate::Jail;

/// For one case: an attack, its control and what lies between.
const LIMIT: Duration = Duration::from_secs(120);

/// How the process of a case says that it was skipped.
const SKIPPED: u8 = 77;

/// Runs the cases that the arguments name on jails that `jail` makes. See [the module](super).
pub fn main(jail: impl Fn() -> Jail) -> ExitCode {
    let args: Vec<OsString> = env::args_os().skip(1).collect();
    match (Asked::read(&args), Grounds::told()) {
        (Asked::Case(name), Some(grounds)) => here(&name, Bench::new(jail(), grounds)),
        (Asked::Case(_), None) => ExitCode::FAILURE,
        (Asked::List { ignored }, _) => {
            // No case is ignored: one that cannot run says so when it is run.
            for case in CASES.iter().filter(|_| !ignored) {
                println!("{}: test", case.name);
            }
            ExitCode::SUCCESS
        }
        (Asked::Run(which), _) => {
            let cases: Vec<&Case> = CASES.iter().filter(|case| which.takes(case.name)).collect();
            // Started by a runner that counts by itself and keeps what is said for later.
            let alone = which.exact && cases.len() == 1;
            let ran = all(&cases, |case| skips::settle(case.name, apart(case, alone)));
            if !alone {
                println!("\n{}", ran.closing_line(env::var_os(skips::FILE).is_some()));
            }
            if ran.failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
        }
    }
}

/// What the arguments ask for: those that `cargo test` and cargo-nextest use. Others are libtest's, and mean nothing
/// here.
#[derive(Debug, PartialEq, Eq)]
enum Asked {
    List {
        ignored: bool,
    },
    Run(Which),
    /// Our own: this one, in this process.
    Case(String),
}

#[derive(Debug, Default, PartialEq, Eq)]
struct Which {
    names: Vec<String>,
    exact: bool,
    skip: Vec<String>,
    ignored: bool,
}

impl Asked {
    fn read(args: &[OsString]) -> Self {
        let mut which = Which::default();
        let (mut list, mut case) = (false, false);
        let mut args = args.iter().map(|arg| arg.to_string_lossy());
        while let Some(arg) = args.next() {
            match &*arg {
                "--list" => list = true,
                "--exact" => which.exact = true,
                "--ignored" => which.ignored = true,
                "--case" => case = true,
                "--skip" => which.skip.extend(args.next().map(Into::into)),
                "--format" | "--test-threads" | "--logfile" | "--color" | "-Z" => _ = args.next(),
                option if option.starts_with('-') => {}
                name => which.names.push(name.to_owned()),
            }
        }
        match which.names.pop() {
            Some(name) if case => Self::Case(name),
            _ if list => Self::List { ignored: which.ignored },
            name => {
                which.names.extend(name);
                Self::Run(which)
            }
        }
    }
}

impl Which {
    fn takes(&self, case: &str) -> bool {
        let matches = |name: &String| if self.exact { case == name } else { case.contains(name.as_str()) };
        let named = self.names.is_empty() || self.names.iter().any(matches);
        named && !self.ignored && !self.skip.iter().any(matches)
    }
}

/// What came of the cases.
#[derive(Debug, Default)]
struct Ran {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Ran {
    /// The line that CI reads. A runner above us that was told of each skip takes them off the passes by itself, as it
    /// must for runners that know no skips.
    fn closing_line(&self, told: bool) -> String {
        let Self { passed, failed, skipped } = self;
        match told {
            true => {
                format!("{skipped} of those that passed were SKIPPED\n{} passed, {failed} failed", passed + skipped)
            }
            false => format!("{passed} passed, {failed} failed, {skipped} skipped"),
        }
    }
}

fn all(cases: &[&Case], run: impl Fn(&Case) -> Result<(), Trouble>) -> Ran {
    let mut ran = Ran::default();
    let mut failures = BTreeMap::new();
    let width = cases.iter().map(|case| case.name.len()).max().unwrap_or_default();
    for case in cases {
        let start = Instant::now();
        let outcome = run(case);
        let took = start.elapsed().as_secs_f64();
        let verdict = match outcome {
            Ok(()) => {
                ran.passed += 1;
                "ok".to_owned()
            }
            Err(Trouble::Failed(why)) => {
                ran.failed += 1;
                failures.insert(case.name, why);
                "FAILED".to_owned()
            }
            Err(skipped) => {
                ran.skipped += 1;
                skipped.to_string()
            }
        };
        println!("{:width$}  {took:5.2} s  {verdict}", case.name);
    }
    for (case, why) in &failures {
        println!("\n{case}: {why}");
    }
    ran
}

/// A case in this process, as its parent asked.
fn here(name: &str, mut bench: Bench) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
    let (Some(case), Ok(runtime)) = (CASES.iter().find(|case| case.name == name), runtime) else {
        return ExitCode::FAILURE;
    };
    match runtime.block_on(run::run(case, &mut bench)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            println!("{trouble}");
            ExitCode::from(if matches!(trouble, Trouble::Skipped { .. }) { SKIPPED } else { 1 })
        }
    }
}

/// A case in a process of its own, once for each state that its embedder is to be in.
fn apart(case: &Case, shown: bool) -> Result<(), Trouble> {
    for state in case.embedder {
        let grounds = Grounds::lay()?;
        let mut command = native::command("sh");
        // Descriptors that a program left open by mistake: a directory and a file.
        let script = format!("exec 7<\"$1\" 8<\"$2\"; shift 2\n{state}\nexec \"$@\"");
        command.args(["-c", &script, "sh"]).args([&grounds.dir, &grounds.secrets[0]]);
        command.arg(env::current_exe()?).args(["--case", case.name]).envs(grounds.variables());
        let finished = native::run(command, &grounds.dir, LIMIT)?;
        let said = String::from_utf8_lossy(&finished.output);
        if shown {
            print!("{said}");
        }
        told(finished.code, &said).map_err(|trouble| match trouble {
            Trouble::Failed(why) if !state.is_empty() => Trouble::failed(format!("after `{state}`: {why}")),
            other => other,
        })?;
    }
    Ok(())
}

/// What the process of a case said of it.
fn told(code: Option<i32>, said: &str) -> Result<(), Trouble> {
    let last = |word| said.lines().rev().find_map(|line| line.strip_prefix(word));
    match code {
        Some(0) => Ok(()),
        Some(code) if code == i32::from(SKIPPED) => {
            let (require, why) = last("SKIPPED ").and_then(|line| line.split_once(": ")).unwrap_or(("?", said));
            Err(Trouble::skipped(require, why))
        }
        code => {
            let (_, why) = said.split_once("FAILED ").unwrap_or(("", said));
            Err(Trouble::failed(format!("{why} (exit {code:?})")))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(args: &[&str]) -> Asked {
        Asked::read(&args.iter().map(OsString::from).collect::<Vec<_>>())
    }

    fn takes(args: &[&str]) -> Vec<&'static str> {
        let Asked::Run(which) = asked(args) else { panic!("{args:?}") };
        ["setuid", "tiocsti", "setuid-more"].into_iter().filter(|name| which.takes(name)).collect()
    }

    #[test]
    fn the_language_of_nextest() {
        assert_eq!(asked(&["--list", "--format", "terse"]), Asked::List { ignored: false });
        assert_eq!(asked(&["--list", "--format", "terse", "--ignored"]), Asked::List { ignored: true });
        assert_eq!(takes(&["setuid", "--exact", "--nocapture"]), ["setuid"]);
        assert_eq!(asked(&["--case", "setuid"]), Asked::Case("setuid".into()));
    }

    #[test]
    fn the_language_of_cargo_test() {
        assert_eq!(takes(&[]).len(), 3);
        assert_eq!(takes(&["-q", "--test-threads", "1", "--color=never"]).len(), 3);
        assert_eq!(takes(&["setuid"]), ["setuid", "setuid-more"]);
        assert_eq!(takes(&["set", "--skip", "more"]), ["setuid"]);
        assert_eq!(takes(&["--ignored"]).len(), 0);
    }

    #[test]
    fn outcomes_are_counted() {
        let cases = ["good", "bad", "absent"].map(|name| Case { name, ..Case::PLAIN });
        let ran = all(&cases.iter().collect::<Vec<_>>(), |case| match case.name {
            "good" => Ok(()),
            "bad" => Err(Trouble::failed("as it should")),
            _ => Err(Trouble::skipped("nothing", "to see it counted")),
        });
        assert_eq!(ran.closing_line(false), "1 passed, 1 failed, 1 skipped");
        assert!(ran.closing_line(true).ends_with("\n2 passed, 1 failed"));
    }

    #[test]
    fn what_a_process_says_is_understood() {
        assert_eq!(told(Some(0), "note: x\n"), Ok(()));
        assert_eq!(told(Some(77), "x\nSKIPPED node: not: here\n"), Err(Trouble::skipped("node", "not: here")));
        assert!(
            matches!(told(Some(1), "FAILED escaped: x"), Err(Trouble::Failed(why)) if why.starts_with("escaped: x"))
        );
        assert!(matches!(told(Some(101), "panicked"), Err(Trouble::Failed(why)) if why.contains("panicked")));
        assert!(matches!(told(None, ""), Err(Trouble::Failed(_))));
    }
}
