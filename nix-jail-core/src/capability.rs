//! What a machine can promise about a job, feature by feature.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::Error;

macro_rules! features {
    ($($variant:ident $name:literal $meaning:literal,)*) => {
        /// One promise about a job, one per *meaning*: a CPU rate is not a CPU time.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        #[non_exhaustive]
        pub enum Feature { $(#[doc = $meaning] $variant,)* }

        impl Feature {
            /// Every feature, in the order in which people read them.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            const NAMES: &[&str] = &[$($name,)*];

            /// A match, not a search of `ALL`: that one, unrolled, keeps LLVM busy for minutes in a single codegen unit.
            fn from_name(name: &str) -> Option<Self> {
                match name { $($name => Some(Self::$variant),)* _ => None }
            }

            /// The name that the command line and the configuration use.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// The promise in one sentence.
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning,)* }
            }
        }
    };
}

features! {
    HideHostFiles "hide-host-files" "Nothing of the users' homes, /root, /var, /run, /mnt, /opt and /srv is in view.",
    ClosureOnly "closure-only" "Of /nix/store only the closure that was named is in view, and no other program.",
    PinnedClosure "pinned-closure" "No garbage collector takes a path of the closure while the job runs.",
    ProtectedPaths "protected-paths" "What the host runs or trusts later is read-only in a writable workspace.",
    PrivateProcesses "private-processes" "Processes, IPC objects and terminals of the host cannot be seen, signalled or traced.",
    NoNewPrivileges "no-new-privileges" "Set-user-id bits and file capabilities give nothing; no capability is held.",
    SyscallFilter "syscall-filter" "System calls outside the profile's table are refused.",
    Landlock "landlock" "A second, independent wall around files, signals and abstract sockets.",
    KillAll "kill-all" "When the job ends, every process that it started is dead.",
    Terminal "terminal" "The job can be given a terminal of its own.",
    NoNetwork "no-network" "Nothing but the job's own loopback interface can be reached.",
    PolicedNetwork "policed-network" "Only what the rules allow can be reached.",
    LocalServers "local-servers" "The job's own servers work on every local port, policed ones included.",
    WallClock "wall-clock" "The job ends at its time limit.",
    CpuTime "cpu-time" "The job ends when all its processes together have used this much CPU time.",
    CpuRate "cpu-rate" "The job cannot use more than this share of the CPUs.",
    Memory "memory" "The job cannot use more memory than this.",
    Tasks "tasks" "The job cannot have more processes and threads than this at once.",
    Disk "disk" "The job cannot store more than this.",
    Output "output" "The job ends when it has written this much to stdout and stderr.",
    FileSize "file-size" "No file can be written beyond this size.",
    OpenFiles "open-files" "No process of the job can have more descriptors open than this.",
}

impl fmt::Display for Feature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Feature {
    type Err = Error;

    fn from_str(s: &str) -> Result<Self, Error> {
        Self::from_name(s).ok_or_else(|| {
            let fix = format!("one of {}", Self::NAMES.join(", "));
            Error::invalid("feature", format!("there is no feature {s:?}"), fix)
        })
    }
}

/// How well a promise is kept. Ordered: more is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Support {
    /// Not at all.
    #[default]
    Unsupported,
    /// In part: an honest job will notice it, a hostile one may pass it.
    BestEffort,
    /// Every attack that is known fails.
    Enforced,
}

impl Support {
    pub(crate) fn lacking(self) -> &'static str {
        match self {
            Self::Unsupported => "had",
            _ => "enforced",
        }
    }
}

/// What was found out about one feature.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// How well it is kept.
    pub support: Support,
    /// By what, or why not.
    pub how: Cow<'static, str>,
    /// The command or setting that would better it.
    pub fix: Option<Cow<'static, str>>,
}

/// What a provider, or a whole platform, can promise. What is not stated is [`Support::Unsupported`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Capabilities(BTreeMap<Feature, Finding>);

impl Capabilities {
    /// Nothing promised.
    pub fn none() -> Self {
        Self::default()
    }

    /// States a feature as enforced, by `how`.
    #[must_use]
    pub fn enforced(self, feature: Feature, how: impl Into<Cow<'static, str>>) -> Self {
        self.with(feature, Finding { support: Support::Enforced, how: how.into(), fix: None })
    }

    /// States a feature as kept in part, and what would better it.
    #[must_use]
    pub fn best_effort(
        self,
        feature: Feature,
        how: impl Into<Cow<'static, str>>,
        fix: Option<Cow<'static, str>>,
    ) -> Self {
        self.with(feature, Finding { support: Support::BestEffort, how: how.into(), fix })
    }

    /// States a feature as not to be had, why, and what would change that.
    #[must_use]
    pub fn unsupported(
        self,
        feature: Feature,
        how: impl Into<Cow<'static, str>>,
        fix: Option<Cow<'static, str>>,
    ) -> Self {
        self.with(feature, Finding { support: Support::Unsupported, how: how.into(), fix })
    }

    /// States one finding.
    #[must_use]
    pub fn with(mut self, feature: Feature, finding: Finding) -> Self {
        self.0.insert(feature, finding);
        self
    }

    /// How well a feature is kept.
    pub fn support(&self, feature: Feature) -> Support {
        self.0.get(&feature).map_or(Support::Unsupported, |f| f.support)
    }

    /// What is stated about a feature, if anything is.
    pub fn get(&self, feature: Feature) -> Option<&Finding> {
        self.0.get(&feature)
    }

    /// Lowers a feature to `finding`; a finding that is not lower changes nothing.
    pub fn lower(&mut self, feature: Feature, finding: Finding) {
        if finding.support < self.support(feature) {
            self.0.insert(feature, finding);
        }
    }

    /// Both together: a feature that both state is kept as well as the weaker keeps it.
    #[must_use]
    pub fn merge(mut self, other: Self) -> Self {
        for (feature, finding) in other.0 {
            match self.0.get(&feature) {
                Some(mine) if mine.support <= finding.support => {}
                _ => drop(self.0.insert(feature, finding)),
            }
        }
        self
    }

    /// The same, nothing better than in `ceiling`: what is better there, or not stated there, is as it is there.
    pub(crate) fn capped(mut self, ceiling: &Self) -> Self {
        let lower = |(feature, most): (&Feature, &Finding)| {
            let found = self.0.remove(feature).unwrap_or_default();
            (*feature, if found.support < most.support { found } else { most.clone() })
        };
        Self(ceiling.0.iter().map(lower).collect())
    }

    /// Every feature with what is stated about it.
    pub fn iter(&self) -> impl Iterator<Item = (Feature, Option<&Finding>)> {
        Feature::ALL.iter().map(|f| (*f, self.0.get(f)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for f in Feature::ALL {
            assert_eq!(f.name().parse::<Feature>().unwrap(), *f);
            assert_eq!(serde_name(*f), f.name());
        }
    }

    fn serde_name(f: Feature) -> String {
        use serde::de::value::{Error, StrDeserializer};
        let d: StrDeserializer<'_, Error> = serde::de::IntoDeserializer::into_deserializer(f.name());
        Feature::deserialize(d).unwrap().name().to_owned()
    }

    #[test]
    fn merging_takes_the_weaker_of_those_that_state_it() {
        let a = Capabilities::none().enforced(Feature::Tasks, "a").enforced(Feature::Disk, "a");
        let b = Capabilities::none().best_effort(Feature::Tasks, "b", None).enforced(Feature::Output, "b");
        for merged in [a.clone().merge(b.clone()), b.merge(a)] {
            assert_eq!(merged.support(Feature::Tasks), Support::BestEffort);
            assert_eq!(merged.support(Feature::Disk), Support::Enforced);
            assert_eq!(merged.support(Feature::Output), Support::Enforced);
            assert_eq!(merged.support(Feature::Memory), Support::Unsupported);
        }
    }

    #[test]
    fn a_cap_neither_raises_nor_restores() {
        let ceiling =
            Capabilities::none().best_effort(Feature::Disk, "watched", None).enforced(Feature::Tasks, "rlimit");
        let raised = ceiling.clone().enforced(Feature::Disk, "no").enforced(Feature::Memory, "no");
        assert_eq!(raised.capped(&ceiling), ceiling);
        // What a review no longer states is denied: not stated is unsupported.
        let emptied = Capabilities::none().capped(&ceiling);
        assert!([Feature::Disk, Feature::Tasks].iter().all(|f| emptied.support(*f) == Support::Unsupported));
    }

    #[test]
    fn review_can_only_lower() {
        let mut c = Capabilities::none().best_effort(Feature::Disk, "watched", None);
        c.lower(Feature::Disk, Finding { support: Support::Enforced, how: "quota".into(), fix: None });
        assert_eq!(c.support(Feature::Disk), Support::BestEffort);
        c.lower(Feature::Disk, Finding::default());
        assert_eq!(c.support(Feature::Disk), Support::Unsupported);
    }
}
