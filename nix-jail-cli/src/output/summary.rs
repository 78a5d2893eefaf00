//! What is said after a job, a line a wall.

use nix_jail::{Degraded, Exit, JobKey, JobSpec, Reason};

use super::{Style, escaped, units, words};

/// Says how a job ended, what kept it, and what it used.
pub(crate) fn render(
    job: &JobKey,
    exit: &Exit,
    code: u8,
    spec: &JobSpec,
    degraded: &[Degraded],
    style: Style,
) -> String {
    let usage = &exit.usage;
    let ended = match (exit.reason, exit.signal) {
        (Reason::Exited, _) => format!("exit {code}"),
        (Reason::Signalled, Some(signal)) => format!("signal {signal} (exit {code})"),
        (reason, _) => format!("{reason} (exit {code})"),
    };
    let mut text = style.bold(&format!("jail {}  {ended} in {}", job.id, units::duration(usage.wall)));
    text += &format!("   cpu {}", units::duration(usage.cpu));
    if let Some(bytes) = usage.peak_memory_bytes {
        text += &format!("   memory {}", units::bytes(bytes));
    }
    text.push('\n');
    let mut line = |what: &str, said: &str| text += &format!("  {what:10} {said}\n");
    line("files", &words::root(&spec.root));
    line("workspace", &words::workspace(&spec.workspace));
    line("network", words::network(&spec.network));
    line("processes", "private, and all of them ended");
    line("calls", &format!("filtered, profile {}", words::profile(spec.profile)));
    line("limits", &limits(spec, degraded));
    for d in degraded {
        line("degraded", &style.yellow(&format!("{}: {}", d.feature, escaped(&d.finding.how))));
    }
    text
}

fn limits(spec: &JobSpec, degraded: &[Degraded]) -> String {
    let (weak, kept): (Vec<_>, Vec<_>) = words::limits(&spec.limits)
        .into_iter()
        .partition(|(feature, _)| degraded.iter().any(|d| d.feature == *feature));
    let list = |part: &[(nix_jail::Feature, String)], said: &str| {
        let all: Vec<_> = part.iter().map(|(feature, value)| format!("{feature} {value}")).collect();
        (!all.is_empty()).then(|| format!("{}: {said}", all.join(", ")))
    };
    let parts: Vec<_> = [list(&kept, "kept"), list(&weak, "not enforced here")].into_iter().flatten().collect();
    if parts.is_empty() { "none".to_owned() } else { parts.join("; ") }
}

#[cfg(test)]
mod tests {
    use std::fs::File;
    use std::time::Duration;

    use nix_jail::{Feature, Finding, Usage};

    use super::*;

    #[test]
    fn limits_are_told_apart() {
        let mut spec = JobSpec::new("ls");
        assert_eq!(limits(&spec, &[]), "none");
        spec.limits.wall_clock = Some(Duration::from_secs(3600));
        spec.limits.tasks = Some(100);
        assert_eq!(limits(&spec, &[]), "wall-clock 1h, tasks 100: kept");
    }

    #[test]
    fn the_first_line_is_the_ending() {
        let style = Style::of(&File::open("/dev/null").unwrap());
        let key = JobKey { id: nix_jail::JobId::new("01jd").unwrap(), run: 1 };
        let usage = Usage::new(Duration::from_millis(900), Duration::from_millis(400), Some(38_000_000));
        let exit = Exit::new(Reason::Exited, Some(1), None, usage);
        let text = render(&key, &exit, 1, &JobSpec::new("ls"), &[], style);
        assert!(text.starts_with("jail 01jd  exit 1 in 0.9 s   cpu 0.4 s   memory 38 MB\n  files      this"), "{text}");
        let exit = Exit::new(Reason::TimedOut, None, Some(9), usage);
        assert!(render(&key, &exit, 124, &JobSpec::new("ls"), &[], style).starts_with("jail 01jd  timeout (exit 124)"));
        let _ = (Feature::ALL, Finding::default());
    }
}
