//! The messages on the control socket (AF_UNIX, SOCK_SEQPACKET): always [`SIZE`] bytes, little-endian, the kind first.
//! Shared by the helper and the library: safe, no allocation.
pub use super::codes::{ExecError, Reason, Step};

/// The size of every message.
pub const SIZE: usize = 64;
/// One message.
pub type Message = [u8; SIZE];

/// In [`Request::Start`] and [`Request::Exec`]: which of the three standard descriptors come along.
pub const STDIN: u32 = 1;
pub const STDOUT: u32 = 2;
pub const STDERR: u32 = 4;

/// What the embedder asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request {
    /// The first message. Descriptors: plan, pidfd of the embedder, then the `stdio` that are there.
    Start { stdio: u32 },
    /// Start the program.
    Release,
    /// A signal to the main process, or to its process group. On the socket of a further program: to that one.
    Signal { signal: u32, group: bool },
    /// Kill everything.
    Kill,
    /// Make a socket in the jail's network.
    Socket { id: u32, what: Socket },
    /// SIGSTOP to everything.
    Freeze,
    /// SIGCONT to everything.
    Thaw,
    /// Start a further program. Descriptors: its plan, its control socket, then the `stdio` that are there.
    Exec { stdio: u32 },
    /// How much was used until now.
    Usage { id: u32 },
}

/// A socket to make. An IPv4 address lies in the first four bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Socket {
    TcpListener {
        v6: bool,
        address: [u8; 16],
        port: u16,
    },
    Tcp {
        v6: bool,
    },
    Udp {
        v6: bool,
        address: [u8; 16],
        port: u16,
    },
    /// Before the release only.
    Netlink {
        protocol: u32,
    },
}

/// What the jail tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Report {
    /// The walls are up, the program is not started.
    Held,
    /// There will be no jail: which [`Step`] failed, at which operation (or offset of the plan), with which errno.
    Refused {
        step: u32,
        index: u32,
        errno: i32,
    },
    /// The program was executed; its pid inside.
    Started {
        pid: u32,
    },
    /// The program could not be executed; `candidate` is the last one that was tried.
    ExecFailed {
        kind: u32,
        errno: i32,
        candidate: u32,
    },
    /// The end, before anything is torn down. `signal` is zero when the program exited by itself.
    Exit {
        code: u32,
        signal: u32,
        reason: u32,
        usage: Usage,
    },
    /// The answer to a request for a socket: with a descriptor when `errno` is zero.
    Socket {
        id: u32,
        errno: i32,
    },
    Usage {
        id: u32,
        usage: Usage,
    },
}

/// Resources used by all processes of the jail.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Usage {
    /// Since the release.
    pub wall_ns: u64,
    pub cpu_ns: u64,
    /// The largest resident set of any one process that has ended.
    pub peak_bytes: u64,
}

impl Request {
    /// As bytes.
    pub fn encode(&self) -> Message {
        match *self {
            Self::Start { stdio } => words([1, stdio, 0, 0]),
            Self::Release => words([2, 0, 0, 0]),
            Self::Signal { signal, group } => words([3, signal, u32::from(group), 0]),
            Self::Kill => words([4, 0, 0, 0]),
            Self::Socket { id, what } => what.encode(id),
            Self::Freeze => words([6, 0, 0, 0]),
            Self::Thaw => words([7, 0, 0, 0]),
            Self::Exec { stdio } => words([8, stdio, 0, 0]),
            Self::Usage { id } => words([9, id, 0, 0]),
        }
    }

    /// From bytes; `None` for what is no request.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let message: &Message = bytes.try_into().ok()?;
        let first = word(message, 1);
        Some(match word(message, 0) {
            1 => Self::Start { stdio: first },
            2 => Self::Release,
            3 => Self::Signal { signal: first, group: word(message, 2) != 0 },
            4 => Self::Kill,
            5 => Self::Socket { id: first, what: Socket::decode(message)? },
            6 => Self::Freeze,
            7 => Self::Thaw,
            8 => Self::Exec { stdio: first },
            9 => Self::Usage { id: first },
            _ => return None,
        })
    }
}

impl Socket {
    fn encode(&self, id: u32) -> Message {
        let (kind, argument, address) = match *self {
            Self::TcpListener { v6, address, port } => (if v6 { 2 } else { 1 }, u32::from(port), address),
            Self::Tcp { v6 } => (if v6 { 4 } else { 3 }, 0, [0; 16]),
            Self::Udp { v6, address, port } => (if v6 { 6 } else { 5 }, u32::from(port), address),
            Self::Netlink { protocol } => (7, protocol, [0; 16]),
        };
        let mut message = words([5, id, kind, argument]);
        message[16..32].copy_from_slice(&address);
        message
    }

    fn decode(message: &Message) -> Option<Self> {
        let (kind, argument) = (word(message, 2), word(message, 3));
        let address = *message[16..].first_chunk()?;
        let v6 = kind % 2 == 0;
        Some(match kind {
            1 | 2 => Self::TcpListener { v6, address, port: argument as u16 },
            3 | 4 => Self::Tcp { v6 },
            5 | 6 => Self::Udp { v6, address, port: argument as u16 },
            7 => Self::Netlink { protocol: argument },
            _ => return None,
        })
    }
}

impl Report {
    /// As bytes.
    pub fn encode(&self) -> Message {
        match *self {
            Self::Held => words([1, 0, 0, 0]),
            Self::Refused { step, index, errno } => words([2, step, index, errno as u32]),
            Self::Started { pid } => words([3, pid, 0, 0]),
            Self::ExecFailed { kind, errno, candidate } => words([4, kind, errno as u32, candidate]),
            Self::Exit { code, signal, reason, usage } => usage.put(words([5, code, signal, reason])),
            Self::Socket { id, errno } => words([6, id, errno as u32, 0]),
            Self::Usage { id, usage } => usage.put(words([7, id, 0, 0])),
        }
    }

    /// From bytes; `None` for what is no report.
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let message: &Message = bytes.try_into().ok()?;
        let [kind, a, b, c] = [0, 1, 2, 3].map(|at| word(message, at));
        Some(match kind {
            1 => Self::Held,
            2 => Self::Refused { step: a, index: b, errno: c as i32 },
            3 => Self::Started { pid: a },
            4 => Self::ExecFailed { kind: a, errno: b as i32, candidate: c },
            5 => Self::Exit { code: a, signal: b, reason: c, usage: Usage::get(message) },
            6 => Self::Socket { id: a, errno: b as i32 },
            7 => Self::Usage { id: a, usage: Usage::get(message) },
            _ => return None,
        })
    }
}

impl Usage {
    fn put(&self, mut message: Message) -> Message {
        message[16..24].copy_from_slice(&self.wall_ns.to_le_bytes());
        message[24..32].copy_from_slice(&self.cpu_ns.to_le_bytes());
        message[32..40].copy_from_slice(&self.peak_bytes.to_le_bytes());
        message
    }

    fn get(message: &Message) -> Self {
        let [wall_ns, cpu_ns, peak_bytes] =
            [4, 6, 8].map(|at| u64::from(word(message, at)) | u64::from(word(message, at + 1)) << 32);
        Self { wall_ns, cpu_ns, peak_bytes }
    }
}

fn words(words: [u32; 4]) -> Message {
    let mut message = [0; SIZE];
    for (place, word) in message.chunks_exact_mut(4).zip(words) {
        place.copy_from_slice(&word.to_le_bytes());
    }
    message
}

/// The 32-bit number at place `at`; zero beyond the end.
fn word(message: &Message, at: usize) -> u32 {
    message.chunks_exact(4).nth(at).and_then(|bytes| bytes.try_into().ok()).map_or(0, u32::from_le_bytes)
}
