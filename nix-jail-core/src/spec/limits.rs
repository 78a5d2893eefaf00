use std::time::Duration;

use serde::{Deserialize, Serialize};

use crate::ByteSize;

/// What a job may use up. `None` = no limit. Each is a promise of its own: see the [`Feature`](crate::Feature) of the
/// same name.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", default, deny_unknown_fields)]
#[non_exhaustive]
pub struct Limits {
    /// From the program's start to the end of the job.
    pub wall_clock: Option<Duration>,
    /// CPU time of all the job's processes, summed.
    pub cpu_time: Option<Duration>,
    /// CPUs that may be used at once, in thousandths.
    pub cpu_rate: Option<u32>,
    /// Memory of all the job's processes; never an address-space limit.
    pub memory: Option<ByteSize>,
    /// Processes and threads at once.
    pub tasks: Option<u32>,
    /// What the job may store, in the workspace and beside it.
    pub disk: Option<ByteSize>,
    /// What the job may write to stdout and stderr together.
    pub output: Option<ByteSize>,
    /// The size beyond which no file can grow.
    pub file_size: Option<ByteSize>,
    /// Descriptors of each process.
    pub open_files: Option<u32>,
}
