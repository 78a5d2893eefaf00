//! `nix-jail doctor`

use std::io;

use nix_jail::{Error, Feature, Finding, Jail, JobSpec, Support};
use serde::Serialize;

use crate::output::{self, Style, escaped, json};

/// Says what this machine can enforce; 0 when that is all that each job needs.
pub(crate) fn doctor(as_json: bool) -> u8 {
    let report = Report::of(&nix_jail::host());
    let printed = match as_json {
        true => json::object(&report),
        false => output::to_stdout(&report.render(Style::of(&io::stdout()))),
    };
    if printed != 0 { printed } else { u8::from(!report.ready) }
}

#[derive(Serialize)]
struct Report {
    /// Whether a job that asks for nothing special can run with all that it needs.
    ready: bool,
    uid: u32,
    user: Option<String>,
    kernel: String,
    walls: Vec<Wall>,
    /// What no part of this version does.
    missing_in_this_version: Vec<Feature>,
    /// What refuses an ordinary job.
    refusal: Option<String>,
}

#[derive(Serialize)]
struct Wall {
    feature: Feature,
    meaning: &'static str,
    #[serde(flatten)]
    finding: Finding,
}

impl Report {
    fn of(jail: &Jail) -> Self {
        let uname = rustix::system::uname();
        let (mut walls, mut missing) = (Vec::new(), Vec::new());
        for (feature, finding) in jail.capabilities().iter() {
            match finding {
                Some(finding) => walls.push(Wall { feature, meaning: feature.meaning(), finding: finding.clone() }),
                None => missing.push(feature),
            }
        }
        // The library knows what each job needs: it is asked, with a job that asks for nothing.
        let ordinary = jail.admit(JobSpec::new("true"));
        Self {
            ready: ordinary.is_ok(),
            uid: rustix::process::getuid().as_raw(),
            user: std::env::var("USER").ok().map(|user| escaped(&user)),
            kernel: format!("{} {}", uname.sysname().to_string_lossy(), uname.release().to_string_lossy()),
            walls,
            missing_in_this_version: missing,
            refusal: ordinary.err().map(|e: Error| escaped(&e.to_string())),
        }
    }

    fn render(&self, style: Style) -> String {
        let user = match &self.user {
            Some(user) => format!("{user} (uid {})", self.uid),
            None => format!("uid {}", self.uid),
        };
        let title = format!("walls that this machine can build, as {user}, {}", self.kernel);
        let mut text = style.bold(&title) + "\n";
        for wall in &self.walls {
            text += &wall.render(style);
        }
        if !self.missing_in_this_version.is_empty() {
            let names: Vec<_> = self.missing_in_this_version.iter().map(|f| f.name()).collect();
            text += &format!("not in this version of nix-jail: {}\n", names.join(", "));
        }
        let weak = self.walls.iter().filter(|wall| wall.finding.support != Support::Enforced).count();
        text += &match (weak, self.walls.len()) {
            (0, all) => format!("all {all} are enforced.\n"),
            (weak, all) => {
                let be = if weak == 1 { "is" } else { "are" };
                format!(
                    "{weak} of {all} {be} weaker than could be. A job that needs one is refused, never run without.\n"
                )
            }
        };
        if let Some(refusal) = &self.refusal {
            text += &format!("{} {refusal}\n", style.red("every job is refused:"));
        }
        text
    }
}

impl Wall {
    fn render(&self, style: Style) -> String {
        let mark = match self.finding.support {
            Support::Enforced => style.green("ok  "),
            Support::BestEffort => style.yellow("part"),
            Support::Unsupported => style.red("no  "),
        };
        let mut text = format!("  {mark}  {:18} {}\n", self.feature.name(), escaped(&self.finding.how));
        if let Some(fix) = &self.finding.fix {
            text += &format!("  {:24} fix: {}\n", "", escaped(fix));
        }
        text
    }
}
