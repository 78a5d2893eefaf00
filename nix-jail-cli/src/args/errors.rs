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
    let option = told(ContextKind::InvalidArg).unwrap_or_default();
    let near = |what: Option<String>| what.map(|name| format!("did you mean {name}?"));
    Stop::Failure(match error.kind() {
        ErrorKind::DisplayHelp | ErrorKind::DisplayVersion => return Stop::Text(error.render().to_string()),
        ErrorKind::DisplayHelpOnMissingArgumentOrSubcommand => return Stop::Usage(error.render().to_string()),
        ErrorKind::UnknownArgument => {
            let instead = near(told(ContextKind::SuggestedArg))
                .unwrap_or_else(|| "see --help; the job's own options go behind its name".into());
            Failure::usage(&option, format!("there is no option {option}"), instead)
        }
        ErrorKind::InvalidSubcommand => unknown_command(&told(ContextKind::InvalidSubcommand).unwrap_or_default(), near(told(ContextKind::SuggestedSubcommand))),
        ErrorKind::MissingRequiredArgument => Failure::usage(&option, "no command was given".into(), "name it behind the options:  nix-jail run ls".into()),
        ErrorKind::ArgumentConflict => Failure::usage(&option, format!("{option} does not go together with {}", told(ContextKind::PriorArg).unwrap_or_default()), "give one of them, once".into()),
        ErrorKind::InvalidValue => match told(ContextKind::InvalidValue).filter(|value| !value.is_empty()) {
            Some(value) => Failure::usage(&option, format!("{option}: there is no {value}"), near(told(ContextKind::SuggestedValue)).unwrap_or_else(|| known(&error))),
            None => Failure::usage(&option, format!("{option} was given no value"), "see --help for what it takes".into()),
        },
        ErrorKind::TooManyValues => Failure::usage(&option, format!("{option} takes no value"), format!("leave the value out")),
        _ => Failure::usage("", escaped(error.to_string().trim_start_matches("error: ").lines().next().unwrap_or_default()), "see --help".into()),
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
