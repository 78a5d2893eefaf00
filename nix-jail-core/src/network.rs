//! What the network provider and the isolation provider tell each other.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt;
use std::net::SocketAddr;
use std::os::fd::OwnedFd;
use std::sync::Arc;

use crate::Mount;

/// What the walls must be built with.
#[derive(Clone)]
#[non_exhaustive]
pub struct NetworkConfig {
    /// What the jail is connected to.
    pub attachment: Attachment,
    /// Variables that tell programs about it.
    pub env: BTreeMap<OsString, OsString>,
    /// Files that tell programs about it.
    pub mounts: Vec<Mount>,
}

impl NetworkConfig {
    /// Just an attachment.
    pub fn new(attachment: Attachment) -> Self {
        Self { attachment, env: BTreeMap::new(), mounts: Vec::new() }
    }
}

impl fmt::Debug for NetworkConfig {
    /// Without the values of variables.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { attachment, env, mounts } = self;
        let env = env.keys().collect::<Vec<_>>();
        f.debug_struct("NetworkConfig")
            .field("attachment", attachment)
            .field("env", &env)
            .field("mounts", mounts)
            .finish()
    }
}

/// What a jail is connected to.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Attachment {
    /// Nothing: a network of its own with a loopback interface.
    None,
    /// Nothing either, but every address is the jail's own, for interception.
    Private {
        /// Whether routes make every address local.
        every_address_local: bool,
    },
    /// A network namespace that exists.
    Namespace(Arc<OwnedFd>),
    /// One loopback port of the host.
    HostPort(u16),
}

/// A socket that is to be made inside a jail.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum SocketRequest {
    /// `[::]` means both families. Never with SO_REUSEPORT: the job could take its own traffic back.
    TcpListener(SocketAddr),
    /// Not connected: the host side connects it, which costs it no round trip through the jail.
    Tcp {
        /// Of the IPv6 family.
        v6: bool,
    },
    /// Bound.
    Udp(SocketAddr),
    /// NETLINK_ROUTE or NETLINK_NETFILTER, before release only.
    Netlink {
        /// See netlink(7).
        protocol: i32,
    },
}
