//! Runs one case in this process.

use std::process::{Command, Stdio};
use std::time::Duration;

use super::case::{Case, Control, MustEnd, Payload};
use super::{Bench, Report, Trouble, native};
use crate::{Error, Exit, Feature, Jail, JobSpec, Reason, Stream, Support};

/// Longer than an attack or its control takes on a busy machine.
pub(super) const LIMIT: Duration = Duration::from_secs(40);

/// How long a jail may take to be as if there had been no job.
const CLOSE: Duration = Duration::from_secs(10);

/// Runs the attack in the jail and its control outside, and judges both.
pub(super) async fn run(case: &Case, bench: &mut Bench) -> Result<(), Trouble> {
    promised(case, &bench.jail)?;
    for program in case.needs {
        if native::find(program).is_none() {
            return Err(Trouble::skipped(*program, "it is not in the standard directories"));
        }
    }
    (case.plant)(bench)?;
    if let Payload::Drive(drive) = case.attack {
        drive(bench).await?;
    } else {
        let held = attack(case, bench).await?;
        let control = control(case, bench)?;
        let bare = held.held_in_both(&control);
        if case.control != Control::Same && !bare.is_empty() {
            println!("note: held, but with no control on this machine for: {}", bare.join(", "));
        }
    }
    Ok(bench.jail.close(CLOSE).await?)
}

/// A promise that is not made is not tested, but then it must not be relied on either.
fn promised(case: &Case, jail: &Jail) -> Result<(), Trouble> {
    let feature = case.feature;
    if jail.capabilities().support(feature) == Support::Enforced {
        return Ok(());
    }
    match jail.admit(spec_that_needs(feature)) {
        Err(Error::Unsupported { feature: refused, how, .. }) if refused == feature => {
            Err(Trouble::skipped(feature.name(), format!("this platform does not promise it ({how})")))
        }
        Err(other) => Err(Trouble::failed(format!("a job that needs {feature} is refused, but with: {other}"))),
        Ok(_) => Err(Trouble::failed(format!("{feature} is not enforced, and a job that needs it is admitted"))),
    }
}

/// A job that relies on this feature, and on nothing else that may be missing.
fn spec_that_needs(feature: Feature) -> JobSpec {
    let mut spec = JobSpec::new("true");
    spec.may_degrade = Feature::ALL.iter().copied().filter(|other| *other != feature).collect();
    let (second, size) = (Duration::from_secs(1), crate::ByteSize::mib(1));
    let limits = &mut spec.limits;
    match feature {
        Feature::WallClock => limits.wall_clock = Some(second),
        Feature::CpuTime => limits.cpu_time = Some(second),
        Feature::CpuRate => limits.cpu_rate = Some(1000),
        Feature::Memory => limits.memory = Some(size),
        Feature::Tasks => limits.tasks = Some(10),
        Feature::Disk => limits.disk = Some(size),
        Feature::Output => limits.output = Some(size),
        Feature::FileSize => limits.file_size = Some(size),
        Feature::OpenFiles => limits.open_files = Some(10),
        _ => {}
    }
    spec
}

async fn attack(case: &Case, bench: &Bench) -> Result<Report, Trouble> {
    let (program, args) = argv(&case.attack);
    let mut command = bench.jail.command(program);
    command.args(args);
    for (name, value) in &bench.env {
        command.env(name, value);
    }
    if let Some(stdin) = &bench.stdin {
        command.stdin(Stream::Fd(stdin.try_clone()?.into()));
    }
    (case.grant)(bench, &mut command);
    let output = tokio::time::timeout(LIMIT, command.output()).await;
    let output = output.map_err(|_| Trouble::failed(format!("the job has not ended after {LIMIT:?}")))??;
    let mut report = Report::read(&[output.stdout, output.stderr].concat());
    (case.after)(bench, &mut report);
    judge(case.must_end, &report, &output.exit)?;
    Ok(report)
}

fn judge(must_end: MustEnd, report: &Report, exit: &Exit) -> Result<(), Trouble> {
    let escaped = report.escaped();
    if !escaped.is_empty() {
        return Err(Trouble::failed(format!("escaped: {}", escaped.join(", "))));
    }
    let as_it_must = match must_end {
        MustEnd::Done => exit.success() && report.done && !report.is_empty(),
        MustEnd::Limit(feature) => exit.reason == Reason::LimitReached(feature) && !report.done,
        MustEnd::TimedOut => exit.reason == Reason::TimedOut && !report.done,
    };
    if as_it_must {
        return Ok(());
    }
    Err(Trouble::failed(format!("must end with {must_end:?}, but ended with {exit:?}; it said: {}", report.tail())))
}

/// The same payload outside, which must escape.
fn control(case: &Case, bench: &Bench) -> Result<Report, Trouble> {
    let mut command = outside(case)?;
    command.envs(&bench.env).env("CONTROL", "1").current_dir(bench.work());
    match &bench.stdin {
        Some(stdin) => command.stdin(stdin.try_clone()?),
        None => command.stdin(Stdio::null()),
    };
    let finished = native::run(command, bench.dir(), LIMIT)?;
    let mut report = Report::read(&finished.output);
    (case.after)(bench, &mut report);
    let escaped = report.escaped();
    let said = || format!("(exit {:?}, signal {:?}): {}", finished.code, finished.signal, report.tail());
    if case.control == Control::Same {
        return match escaped.is_empty() && report.done {
            true => Ok(report),
            false => Err(Trouble::skipped("native", format!("fails without a jail as well {}{escaped:?}", said()))),
        };
    }
    if !escaped.is_empty() {
        return Ok(report);
    }
    match report.unavailable() {
        Some(why) => Err(Trouble::skipped("control", format!("it held, but what it tries cannot be had here: {why}"))),
        None => Err(Trouble::failed(format!("its control does not escape, so the case proves nothing {}", said()))),
    }
}

fn outside(case: &Case) -> Result<Command, Trouble> {
    let (program, args) = argv(&case.attack);
    let mut command = match case.control {
        Control::Native | Control::Same => native::command(program),
        Control::Privileged => {
            let mut command = privileged()?;
            command.arg(program);
            command
        }
        Control::Behind(line) => {
            let mut command = native::command("sh");
            command.args(["-c", line, "sh", program]);
            command
        }
    };
    command.args(args);
    Ok(command)
}

/// Rights over namespaces of its own, so that nothing of the machine is touched.
fn privileged() -> Result<Command, Trouble> {
    let how = if rustix::process::geteuid().is_root() { "-mn" } else { "-Urmn" };
    let unshare = || {
        let mut command = native::command("unshare");
        command.args([how, "--propagation", "private"]);
        command
    };
    let works = unshare().arg("true").stderr(Stdio::null()).status().is_ok_and(|status| status.success());
    works.then(unshare).ok_or_else(|| Trouble::skipped("unshare", format!("unshare {how} does not work here")))
}

/// The command line of a payload.
fn argv(payload: &Payload) -> (&'static str, Vec<String>) {
    match payload {
        Payload::Sh(text) => {
            let prelude = include_str!("payloads/prelude.sh");
            ("sh", vec!["-c".into(), format!("{prelude}\n{text}\necho DONE\n")])
        }
        Payload::Python(text) => {
            let prelude = include_str!("payloads/prelude.py");
            ("python3", vec!["-ISuc".into(), format!("{prelude}\n{text}\nprint('DONE')\n")])
        }
        Payload::Drive(_) => ("true", Vec::new()),
    }
}
