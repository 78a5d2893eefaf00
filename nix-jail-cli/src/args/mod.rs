//! From the words of the command line to values. Nothing here looks at the machine.

mod errors;
mod help;
mod run;

use std::ffi::OsString;

use clap::{Arg, ArgAction, Command, value_parser};
use clap_complete::Shell;

use crate::Stop;

pub(crate) use run::{MountFlag, RunArgs, parse as parse_run};

/// What was asked for, other than a job.
pub(crate) enum Request {
    Doctor { json: bool },
    Capabilities { form: Form },
    Completions { shell: Shell },
    Man,
}

/// How a table is printed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Form {
    Text,
    Json,
    Markdown,
}

/// Reads a command line that does not start with `run`.
pub(crate) fn parse(words: &[OsString]) -> Result<Request, Stop> {
    let matches = tree().try_get_matches_from(words).map_err(errors::explain)?;
    let (name, found) = matches.subcommand().ok_or_else(|| Stop::Usage(tree().render_help().to_string()))?;
    Ok(match name {
        "doctor" => Request::Doctor { json: found.get_flag("json") },
        "capabilities" => {
            let form = match (found.get_flag("json"), found.get_flag("markdown")) {
                (true, _) => Form::Json,
                (_, true) => Form::Markdown,
                _ => Form::Text,
            };
            Request::Capabilities { form }
        }
        "completions" => match found.get_one("shell") {
            Some(shell) => Request::Completions { shell: *shell },
            None => return Err(Stop::Usage(completions().render_help().to_string())),
        },
        _ => Request::Man,
    })
}

/// Everything, for help, completions and the manual page.
pub(crate) fn tree() -> Command {
    Command::new("nix-jail")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Runs commands you do not trust in a jail that holds only what you grant: no root, no daemon")
        .after_help(help::TREE)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(run::command())
        .subcommand(doctor())
        .subcommand(capabilities())
        .subcommand(completions())
        .subcommand(Command::new("man").about("Prints the manual page, as roff").after_help(help::MAN))
}

fn doctor() -> Command {
    Command::new("doctor")
        .about("Says which walls this machine can build, which not, why, and what would fix it")
        .after_help(help::DOCTOR)
        .arg(switch("json", "Print one JSON object"))
}

fn capabilities() -> Command {
    Command::new("capabilities")
        .about("Prints the matrix: each promise, how well this build keeps it, and by what")
        .after_help(help::CAPABILITIES)
        .arg(switch("json", "Print one JSON object"))
        .arg(switch("markdown", "Print a Markdown table").conflicts_with("json"))
}

fn completions() -> Command {
    Command::new("completions")
        .about("Prints the completions of a shell")
        .after_help(help::COMPLETIONS)
        .arg(Arg::new("shell").value_name("SHELL").required(true).value_parser(value_parser!(Shell)))
}

fn switch(name: &'static str, help: &'static str) -> Arg {
    Arg::new(name).long(name).action(ArgAction::SetTrue).help(help)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tree_is_sound() {
        tree().debug_assert();
    }

    #[test]
    fn every_command_has_examples() {
        for command in tree().get_subcommands() {
            let text = command.clone().render_long_help().to_string();
            assert!(text.contains("Examples:\n"), "{}: {text}", command.get_name());
        }
    }
}
