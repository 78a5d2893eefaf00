use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::os_text;

/// What a job sees as `/`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Root {
    /// This machine's programs: `/usr` read-only with its merged links, and a generated `/etc`. Nothing of `/home`,
    /// `/root`, `/var`, `/run`, `/mnt`, `/opt` and `/srv`. This hides the host's *files*
    /// ([`Feature::HideHostFiles`](crate::Feature::HideHostFiles)); it is not a closure.
    #[default]
    Host,
    /// The top-level entries of a directory of the host, read-only, except `/proc`, `/dev`, `/tmp` and `/workspace`,
    /// which are the jail's own.
    Dir(#[serde(with = "os_text")] PathBuf),
}
