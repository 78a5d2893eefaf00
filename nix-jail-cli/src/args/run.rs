//! The options of `nix-jail run`.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

use super::{errors, help, switch};
use crate::Stop;

/// What was typed, option by option. Values are read later, where their errors can name the option.
#[derive(Debug, Default)]
pub(crate) struct RunArgs {
    pub(crate) root: Option<OsString>,
    pub(crate) workspace: Option<OsString>,
    /// In the order in which they were given: an outer mount comes before an inner one.
    pub(crate) mounts: Vec<(MountFlag, OsString)>,
    pub(crate) env: Vec<OsString>,
    pub(crate) env_files: Vec<OsString>,
    pub(crate) time: Option<OsString>,
    pub(crate) cpu_time: Option<OsString>,
    pub(crate) tasks: Option<OsString>,
    pub(crate) nofile: Option<OsString>,
    pub(crate) file_size: Option<OsString>,
    pub(crate) output: Option<OsString>,
    pub(crate) profile: Option<OsString>,
    pub(crate) name: Option<OsString>,
    pub(crate) allow_degraded: Vec<OsString>,
    pub(crate) json: bool,
    pub(crate) summary: bool,
    pub(crate) dry_run: bool,
    /// The program and its arguments.
    pub(crate) job: Vec<OsString>,
}

/// Which option asked for a mount.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum MountFlag {
    Volume,
    Tmpfs,
}

impl MountFlag {
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Volume => "-v",
            Self::Tmpfs => "--tmpfs",
        }
    }

    const fn id(self) -> &'static str {
        match self {
            Self::Volume => "volume",
            Self::Tmpfs => "tmpfs",
        }
    }
}

/// Reads the words behind `nix-jail`, the first of which is `run`.
pub(crate) fn parse(words: &[OsString]) -> Result<RunArgs, Stop> {
    command().bin_name("nix-jail run").try_get_matches_from(words).map(collect).map_err(errors::explain)
}

/// The subcommand. The job is what follows the options, up to the end: its own options are not looked at.
pub(crate) fn command() -> Command {
    let job = Arg::new("job").value_name("CMD").required(true).num_args(1..).trailing_var_arg(true);
    Command::new("run")
        .about("Runs one job in a jail, its standard streams passed through")
        .after_help(help::RUN)
        .override_usage("nix-jail run [OPTIONS] [--] CMD [ARGS]...")
        .args(view())
        .args(limits())
        .args(manner())
        .arg(os(job).help("The program, and its arguments as they are. '--' before it ends the options for sure"))
}

/// What the job sees.
fn view() -> [Arg; 6] {
    [
        one("root", "host|DIR", "What the job sees as /: this machine's programs [default], or what lies in DIR"),
        one(
            "workspace",
            "DIR[:ro|:rw]",
            "DIR at /workspace, the working directory [default: an empty one, gone afterwards]",
        )
        .short('w'),
        many("volume", "SRC:DST[:ro|:rw]", "SRC of this machine at DST in the jail, writable unless :ro").short('v'),
        many("tmpfs", "DST[:size=N]", "An empty directory in memory at DST"),
        many("env", "K[=V]", "A variable; K alone takes its value from here. Nothing else is inherited").short('e'),
        many("env-file", "FILE", "Variables, a K=V or K a line; -e wins over them"),
    ]
}

/// What the job may use up. The last one counts, so that an alias can be overruled.
fn limits() -> [Arg; 6] {
    [
        last("time", "D", "End the job after this long: 90s, 15m, 1h, 2d (exit code 124)"),
        last("cpu-time", "D", "End the job when its processes together have used this much CPU time (137)"),
        last("tasks", "N", "Processes and threads at once"),
        last("nofile", "N", "Open descriptors of each process"),
        last("file-size", "N", "No file grows beyond this: 64K, 512M, 4G (binary)"),
        last("output", "N", "End the job when it has written this much to stdout and stderr (137)"),
    ]
}

/// How it is run, and what is said about it.
fn manner() -> [Arg; 6] {
    [
        one(
            "profile",
            "NAME",
            "Hardening: default, strict (no memory both written and executed), build (allows tracing and nested sandboxes)",
        ),
        one("name", "NAME", "A name for the job"),
        many(
            "allow-degraded",
            "FEATURE",
            "Run although this promise is kept only in part, or not at all; 'all' for any",
        ),
        switch("json", "Events as JSON lines on stderr, the last one the result; stdout is the job's"),
        switch("summary", "After the job, a line a wall on stderr: what was kept, what was used"),
        switch("dry-run", "Print the plan; start nothing, create nothing"),
    ]
}

fn one(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    os(Arg::new(name).long(name).value_name(value).help(help).action(ArgAction::Set))
}

/// A value may start with a hyphen, so that `--tasks -1` is about -1 and not about an option of that name.
fn last(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    one(name, value, help).overrides_with(name).allow_hyphen_values(true)
}

fn many(name: &'static str, value: &'static str, help: &'static str) -> Arg {
    one(name, value, help).action(ArgAction::Append)
}

fn os(arg: Arg) -> Arg {
    arg.value_parser(value_parser!(OsString))
}

fn collect(mut found: ArgMatches) -> RunArgs {
    let mut mounts: Vec<(usize, MountFlag, OsString)> = Vec::new();
    for flag in [MountFlag::Volume, MountFlag::Tmpfs] {
        let at: Vec<usize> = found.indices_of(flag.id()).into_iter().flatten().collect();
        let values = found.remove_many(flag.id()).into_iter().flatten();
        mounts.extend(at.into_iter().zip(values).map(|(at, value)| (at, flag, value)));
    }
    mounts.sort_by_key(|mount| mount.0);
    let mut all = |name| found.remove_many(name).into_iter().flatten().collect::<Vec<OsString>>();
    let (env, env_files, allow_degraded, job) = (all("env"), all("env-file"), all("allow-degraded"), all("job"));
    let mut one = |name| found.remove_one::<OsString>(name);
    RunArgs {
        root: one("root"),
        workspace: one("workspace"),
        mounts: mounts.into_iter().map(|(_, flag, value)| (flag, value)).collect(),
        env,
        env_files,
        time: one("time"),
        cpu_time: one("cpu-time"),
        tasks: one("tasks"),
        nofile: one("nofile"),
        file_size: one("file-size"),
        output: one("output"),
        profile: one("profile"),
        name: one("name"),
        allow_degraded,
        json: found.get_flag("json"),
        summary: found.get_flag("summary"),
        dry_run: found.get_flag("dry-run"),
        job,
    }
}

impl RunArgs {
    /// The program, as it was typed.
    pub(crate) fn program(&self) -> &OsStr {
        self.job.first().map_or(OsStr::new(""), OsString::as_os_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(line: &str) -> RunArgs {
        let words: Vec<OsString> = line.split(' ').map(Into::into).collect();
        parse(&words).unwrap_or_else(|_| panic!("{line}"))
    }

    #[test]
    fn the_job_is_what_follows_the_options() {
        for line in ["run -e A ls -l --json -- x", "run -e A -- ls -l --json -- x"] {
            let args = read(line);
            assert_eq!(args.job, ["ls", "-l", "--json", "--", "x"], "{line}");
            assert!(!args.json && args.env == ["A"], "{line}");
        }
        assert_eq!(read("run -- -x").job, ["-x"]);
    }

    #[test]
    fn mounts_keep_their_order() {
        let args = read("run --tmpfs /a -v /s:/a/b --tmpfs /a/b/c ls");
        let flags: Vec<_> = args.mounts.iter().map(|(flag, value)| (*flag, value.to_str())).collect();
        let (volume, tmpfs) = (MountFlag::Volume, MountFlag::Tmpfs);
        assert_eq!(flags, [(tmpfs, Some("/a")), (volume, Some("/s:/a/b")), (tmpfs, Some("/a/b/c"))]);
    }

    #[test]
    fn the_last_limit_counts_and_may_be_negative() {
        assert_eq!(read("run --tasks 3 --tasks -1 ls").tasks, Some("-1".into()));
    }
}
