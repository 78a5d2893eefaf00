//! Who a job is, inside and outside.

use nix_jail_core::Result;

use super::uids::{self, HostUid};

/// The job's user inside.
pub(super) const UID: u32 = 1000;

/// The job's user outside: never host uid 0.
#[derive(Debug)]
pub(super) enum Identity {
    /// The caller's own, since an ordinary user has no other. So is root of a user namespace (a rootless container).
    Caller { uid: u32, gid: u32 },
    /// One that only this job has.
    Private(HostUid),
}

impl Identity {
    /// For a new job of this process.
    pub(super) fn new() -> Result<Self> {
        let (uid, gid) = (rustix::process::geteuid(), rustix::process::getegid());
        if uid.is_root() && uids::are_mapped() {
            return HostUid::claim().map(Self::Private);
        }
        Ok(Self::Caller { uid: uid.as_raw(), gid: gid.as_raw() })
    }

    /// Whether the embedder may map any user, and so can give the job one of its own.
    pub(super) fn privileged(&self) -> bool {
        matches!(self, Self::Private(_))
    }

    /// The uid and gid outside.
    pub(super) fn outside(&self) -> (u32, u32) {
        match self {
            Self::Caller { uid, gid } => (*uid, *gid),
            Self::Private(host) => (host.uid, host.uid),
        }
    }
}
