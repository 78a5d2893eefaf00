//! The library names fields of a spec; the caller typed options.

use nix_jail::{Error, Feature};

use crate::args::RunArgs;
use crate::output::{Failure, escaped, shown};

/// How the fields of a spec were typed.
#[derive(Debug, Default)]
pub(crate) struct Flags {
    mounts: Vec<String>,
}

impl Flags {
    pub(crate) fn new(args: &RunArgs) -> Self {
        Self { mounts: args.mounts.iter().map(|(flag, value)| format!("{} {}", flag.text(), shown(value))).collect() }
    }

    /// The mounts, in the order of the spec.
    pub(crate) fn mounts(&self) -> &[String] {
        &self.mounts
    }

    /// What the library says, in the words of the command line.
    pub(crate) fn explain(&self, error: &Error) -> Failure {
        match error {
            Error::InvalidSpec { field, reason, fix } => {
                let fix = fix.as_deref().map(|fix| self.rename(fix)).unwrap_or_default();
                let mut failure = Failure::invalid(self.name(field), &self.rename(reason), escaped(&fix));
                failure.fix = failure.fix.filter(|fix| !fix.is_empty());
                failure
            }
            other => Failure::of(other),
        }
    }

    /// `mounts[1].target` is the second `-v` or `--tmpfs`.
    fn name(&self, field: &str) -> String {
        let top = field.split(['.', '[']).next().unwrap_or(field);
        let index = || field.split(['[', ']']).nth(1);
        let named = match top {
            "mounts" => index().and_then(|i| self.mounts.get(i.parse::<usize>().ok()?)).cloned(),
            "workspace" => Some("-w".into()),
            "root" => Some("--root".into()),
            "env" => Some(index().map_or("-e".into(), |name| format!("-e {}", escaped(name)))),
            "id" => Some("--name".into()),
            "program" => Some("the command".into()),
            "args" => match index() {
                Some(i) => i.parse::<usize>().ok().map(|i| format!("argument {} of the command", i + 1)),
                None => Some("the arguments".into()),
            },
            "limits" => field.split('.').nth(1).and_then(limit_flag).map(Into::into),
            _ => None,
        };
        named.unwrap_or_else(|| escaped(field))
    }

    fn rename(&self, text: &str) -> String {
        self.mounts
            .iter()
            .enumerate()
            .fold(text.to_owned(), |text, (i, typed)| text.replace(&format!("mounts[{i}]"), typed))
    }
}

/// The option that sets a limit.
pub(crate) fn flag_of(feature: Feature) -> Option<&'static str> {
    Some(match feature {
        Feature::WallClock => "--time",
        Feature::CpuTime => "--cpu-time",
        Feature::Tasks => "--tasks",
        Feature::OpenFiles => "--nofile",
        Feature::FileSize => "--file-size",
        Feature::Output => "--output",
        _ => return None,
    })
}

/// The same by the field's name, which is the feature's.
fn limit_flag(field: &str) -> Option<&'static str> {
    flag_of(field.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::args::MountFlag;

    #[test]
    fn fields_are_named_as_they_were_typed() {
        let mounts = vec![(MountFlag::Tmpfs, "/a".into()), (MountFlag::Volume, "/s\x1b:/a".into())];
        let flags = Flags::new(&RunArgs { mounts, ..RunArgs::default() });
        for (field, typed) in [
            ("mounts[1].target", "-v /s\\x1b:/a"),
            ("mounts[0].size", "--tmpfs /a"),
            ("limits.wall-clock", "--time"),
            ("limits.open-files", "--nofile"),
            ("env[A]", "-e A"),
            ("args[0]", "argument 1 of the command"),
            ("workspace", "-w"),
            ("novel.field", "novel.field"),
        ] {
            assert_eq!(flags.name(field), typed, "{field}");
        }
        let error = Error::invalid("mounts[1].target", "/a is the target of mounts[0] already", "choose another");
        let failure = flags.explain(&error);
        assert_eq!(failure.message, "-v /s\\x1b:/a: /a is the target of --tmpfs /a already");
    }
}
