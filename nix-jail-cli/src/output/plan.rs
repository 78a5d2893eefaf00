//! What `--dry-run` says: what a job would be, without one.

use std::collections::BTreeSet;

use nix_jail::{AdmittedJob, JobSpec, Mount, Workspace};
use serde::Serialize;
use serde_json::Value;

use super::json::Weak;
use super::{Style, escaped, shown, words};

/// A plan. It holds the names of variables and never a value.
#[derive(Serialize)]
pub(crate) struct Plan<'a> {
    job: &'a str,
    command: String,
    spec: Value,
    working_dir: String,
    env: BTreeSet<String>,
    mounts: Vec<Shown>,
    degraded: Vec<Weak<'a>>,
    #[serde(skip)]
    admitted: &'a AdmittedJob,
}

#[derive(Serialize)]
struct Shown {
    target: String,
    source: String,
    writable: bool,
    exec: bool,
}

impl<'a> Plan<'a> {
    pub(crate) fn new(admitted: &'a AdmittedJob, workspace: &Workspace) -> Self {
        let spec = admitted.spec();
        let own = spec.env.iter().map(|(name, _)| shown(name));
        Self {
            job: admitted.key().id.as_str(),
            command: words::command(spec),
            spec: without_values(spec),
            working_dir: shown(&workspace.working_dir),
            env: own.chain(workspace.env.keys().map(shown)).collect(),
            mounts: workspace.mounts.iter().map(Shown::from).collect(),
            degraded: admitted.degraded().iter().map(Weak::from).collect(),
            admitted,
        }
    }

    pub(crate) fn render(&self, style: Style) -> String {
        let spec = self.admitted.spec();
        let mut text = style.bold("the plan; nothing was started and nothing created") + "\n";
        let mut line = |what: &str, said: &str| text += &format!("  {what:10} {said}\n");
        line("command", &self.command);
        line("root", &words::root(&spec.root));
        line("workspace", &words::workspace(&spec.workspace));
        line("starts in", &self.working_dir);
        line("env", &self.env.iter().map(String::as_str).collect::<Vec<_>>().join(" "));
        line("network", words::network(&spec.network));
        line("profile", words::profile(spec.profile));
        let limits: Vec<_> = words::limits(&spec.limits).into_iter().map(|(f, value)| format!("{f} {value}")).collect();
        line("limits", &if limits.is_empty() { "none".to_owned() } else { limits.join(", ") });
        for (i, mount) in self.mounts.iter().enumerate() {
            let access = if mount.writable { "rw" } else { "ro" };
            let exec = if mount.exec { "" } else { ",noexec" };
            let label = if i == 0 { "mounts" } else { "" };
            line(label, &format!("{:24} {access}{exec:7}  {}", mount.target, mount.source));
        }
        for d in self.admitted.degraded() {
            line("degraded", &style.yellow(&format!("{}: {}", d.feature, escaped(&d.finding.how))));
        }
        text
    }
}

impl From<&Mount> for Shown {
    fn from(mount: &Mount) -> Self {
        Self {
            target: shown(&mount.target),
            source: escaped(&format!("{:?}", mount.source)),
            writable: mount.writable,
            exec: mount.exec,
        }
    }
}

/// The spec as data, without its variables.
fn without_values(spec: &JobSpec) -> Value {
    let mut spec = spec.clone();
    spec.env = nix_jail::Environment::default();
    let mut value = serde_json::to_value(&spec).unwrap_or_default();
    if let Some(fields) = value.as_object_mut() {
        fields.remove("env");
    }
    value
}
