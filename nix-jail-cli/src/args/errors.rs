//! What clap says, in our words and with our exit code.

use clap::Error;
use clap::error::{ContextKind, ContextValue, ErrorKind};

use crate::Stop;
use crate::output::{Failure, escaped};

pub(crate) fn explain(error: Error) -> Stop {
    let told = |kind| match error.get(kind) {
        Some(ContextValue::String(s)) => Some(escaped(s)),
        Some(ContextValue::Strings(list)) => list.first().map(|s| escaped(s)),
        _ => None,
    };
    let bare = |option: String| option.split(" <").next().unwrap_or_default().to_owned();
    let option = told(ContextKind::InvalidArg).map(bare).unwrap_or_default();
    let near = |what: Option<String>| what.map(|name| format!("did you mean {name}?"));
    Stop::Failure(match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return Stop::Text(error.render().to_string()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return Stop::Usage(error.render().to_string()),
        ErrorKind::UnknownArgument => {
            let instead = near(told(ContextKind::SuggestedArg))
                .unwrap_or_else(|| "see --help; the job's own options go behind its name".into());
            Failure::usage(&option, format!("there is no option {option}"), instead)
        }
        ErrorKind::InvalidSubcommand => unknown_command(
            &told(ContextKind::InvalidSubcommand).unwrap_or_default(),
            near(told(ContextKind::SuggestedSubcommand)),
        ),
        ErrorKind::MissingRequiredArgument if option == "<SHELL>" => {
            Failure::usage(&option, "no shell was named".into(), "one of bash, elvish, fish, powershell, zsh".into())
        }
        ErrorKind::MissingRequiredArgument => {
            let fix = "name it behind the options:  nix-jail run ls";
            Failure::usage("", "no command was given".into(), fix.into())
        }
        ErrorKind::ArgumentConflict => {
            let message = match told(ContextKind::PriorArg).map(bare) {
                Some(other) if other != option => format!("{option} does not go together with {other}"),
                _ => format!("{option} is given twice"),
            };
            Failure::usage(&option, message, "give one of them".into())
        }
        ErrorKind::InvalidValue => match told(ContextKind::InvalidValue).filter(|value| !value.is_empty()) {
            Some(value) => Failure::usage(
                &option,
                format!("there is no {value} here"),
                near(told(ContextKind::SuggestedValue)).unwrap_or_else(|| known(&error)),
            ),
            None => {
                Failure::usage(&option, format!("{option} was given no value"), "see --help for what it takes".into())
            }
        },
        ErrorKind::TooManyValues => {
            Failure::usage(&option, format!("{option} takes no value"), "leave the value out".into())
        }
        _ => Failure::usage(
            "",
            escaped(error.to_string().trim_start_matches("error: ").lines().next().unwrap_or_default()),
            "see --help".into(),
        ),
    })
}

/// `nix-jail cargo build` is what people type who mean `nix-jail run cargo build`.
fn unknown_command(name: &str, near: Option<String>) -> Failure {
    let run = format!("to run it as a job:  nix-jail run {name} ...");
    Failure::usage(name, format!("nix-jail has no command {name}"), near.unwrap_or(run))
}

fn known(error: &Error) -> String {
    match error.get(ContextKind::ValidValue) {
        Some(ContextValue::Strings(all)) => format!("one of {}", all.join(", ")),
        _ => "see --help for what it takes".into(),
    }
}
