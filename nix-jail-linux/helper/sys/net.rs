//! Sockets, messages with descriptors, and waiting for descriptors.
use super::{EBADMSG, EINTR, Fd, Result, call, int, plain};
use crate::arch::nr;

pub const AF_UNIX: usize = 1;
pub const AF_INET: usize = 2;
pub const AF_INET6: usize = 10;
pub const AF_NETLINK: usize = 16;
pub const SOCK_STREAM: usize = 1;
pub const SOCK_DGRAM: usize = 2;
pub const SOCK_RAW: usize = 3;
const SOCK_CLOEXEC: usize = 0o2_000_000;

/// The most descriptors that one message carries.
pub const FDS: usize = 8;

pub fn socket(family: usize, kind: usize, protocol: usize) -> Result<Fd> {
    plain(nr::SOCKET, [family, kind | SOCK_CLOEXEC, protocol]).map(Fd::new)
}

/// Sets an integer option.
pub fn option(socket: &Fd, level: usize, name: usize, value: i32) -> Result {
    let value = &value as *const i32 as usize;
    // SAFETY: the kernel reads the four bytes of `value`, which lives until the end of this function.
    unsafe { call(nr::SETSOCKOPT, [int(socket.raw()), level, name, value, 4, 0]) }.map(drop)
}

pub fn bind(socket: &Fd, address: &[u8]) -> Result {
    // SAFETY: the kernel reads address.len() bytes.
    unsafe { call(nr::BIND, [int(socket.raw()), address.as_ptr() as usize, address.len(), 0, 0, 0]) }.map(drop)
}

pub fn listen(socket: &Fd, backlog: usize) -> Result {
    plain(nr::LISTEN, [int(socket.raw()), backlog]).map(drop)
}

/// Takes no more messages: the other side gets EPIPE.
pub fn refuse_more(socket: i32) {
    let _ = plain(nr::SHUTDOWN, [int(socket), 0]);
}

/// Brings `lo` up in the network namespace of this process.
pub fn loopback_up() -> Result {
    const SIOCSIFFLAGS: usize = 0x8914;
    let any = socket(AF_UNIX, SOCK_DGRAM, 0)?;
    let mut request = [0u8; 40];
    request[..2].copy_from_slice(b"lo");
    request[16] = 1; // IFF_UP
    // SAFETY: the kernel reads the 40 bytes of struct ifreq.
    unsafe { call(nr::IOCTL, [int(any.raw()), SIOCSIFFLAGS, request.as_ptr() as usize, 0, 0, 0]) }.map(drop)
}

/// struct msghdr with one buffer.
#[repr(C)]
struct Header {
    name: usize,
    name_len: usize,
    vector: *const Vector,
    vectors: usize,
    control: *mut u64,
    control_len: usize,
    flags: usize,
}

#[repr(C)]
struct Vector {
    base: *mut u8,
    len: usize,
}

/// Room for the control message that carries [`FDS`] descriptors: struct cmsghdr (length, level and type), then those.
type Control = [u64; 2 + FDS / 2];
/// SOL_SOCKET, SCM_RIGHTS
const RIGHTS: u64 = 1 | 1 << 32;

/// Sends one message, with a descriptor when there is one. Never raises SIGPIPE and never waits.
pub fn send(socket: i32, bytes: &[u8], fd: Option<i32>) -> Result {
    let mut control: Control = [0; 2 + FDS / 2];
    control[0] = 16 + 4;
    control[1] = RIGHTS;
    control[2] = fd.unwrap_or(0) as u64;
    let control_len = if fd.is_some() { 24 } else { 0 };
    let vector = Vector { base: bytes.as_ptr().cast_mut(), len: bytes.len() };
    let control = control.as_mut_ptr();
    let header = Header { name: 0, name_len: 0, vector: &vector, vectors: 1, control, control_len, flags: 0 };
    // SAFETY: the kernel reads the header, the one vector, the bytes it names and control_len bytes of `control`,
    // all alive on this stack. MSG_NOSIGNAL | MSG_DONTWAIT.
    unsafe { call(nr::SENDMSG, [int(socket), &raw const header as usize, 0x4040, 0, 0, 0]) }.map(drop)
}

/// Descriptors that came with a message; what is not taken closes itself.
pub struct Received {
    pub len: usize,
    fds: [i32; FDS],
    next: usize,
    count: usize,
}

impl Received {
    pub fn next_fd(&mut self) -> Option<Fd> {
        let fd = *self.fds.get(self.next).filter(|_| self.next < self.count)?;
        self.next += 1;
        Some(Fd::new(fd as usize))
    }
}

impl Drop for Received {
    fn drop(&mut self) {
        while self.next_fd().is_some() {}
    }
}

/// Receives one message and its descriptors; `len` is zero when the other side is gone.
pub fn receive(socket: i32, into: &mut [u8], wait: bool) -> Result<Received> {
    let mut control: Control = [0; 2 + FDS / 2];
    let vector = Vector { base: into.as_mut_ptr(), len: into.len() };
    let control_len = size_of::<Control>();
    let pointer = control.as_mut_ptr();
    let mut header =
        Header { name: 0, name_len: 0, vector: &vector, vectors: 1, control: pointer, control_len, flags: 0 };
    let flags = 0x4000_0000 | if wait { 0 } else { 0x40 }; // MSG_CMSG_CLOEXEC, MSG_DONTWAIT
    let header_at = &raw mut header as usize;
    // SAFETY: the kernel writes the header's lengths, at most into.len() bytes of `into` and at most control_len bytes
    // of `control`, all alive and held by us alone.
    let len = unsafe { call(nr::RECVMSG, [int(socket), header_at, flags, 0, 0, 0])? };
    let mut received = Received { len, fds: [0; FDS], next: 0, count: 0 };
    if header.control_len >= 16 && control[1] == RIGHTS {
        received.count = ((control[0] as usize).saturating_sub(16) / 4).min(FDS);
        for (at, fd) in received.fds.iter_mut().enumerate() {
            *fd = (control[2 + at / 2] >> (32 * (at % 2))) as i32;
        }
    }
    // MSG_TRUNC | MSG_CTRUNC: not a message of ours.
    if header.flags as u32 & 0x28 != 0 { Err(EBADMSG) } else { Ok(received) }
}

pub const POLLIN: i16 = 1;
pub const POLLOUT: i16 = 4;
pub const POLLERR: i16 = 8;
pub const POLLHUP: i16 = 16;

/// struct pollfd; a negative descriptor is passed over.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Poll {
    pub fd: i32,
    pub events: i16,
    pub happened: i16,
}

impl Poll {
    pub fn new(fd: i32, events: i16) -> Self {
        Self { fd, events, happened: 0 }
    }
}

/// Waits until something happened or `nanoseconds` went by; a signal counts as nothing.
pub fn poll(fds: &mut [Poll], nanoseconds: Option<u64>) -> Result {
    let time = nanoseconds.map(|all| [all / 1_000_000_000, all % 1_000_000_000]);
    let time = time.as_ref().map_or(0, |time| time.as_ptr() as usize);
    // SAFETY: the kernel reads and writes fds.len() entries that we hold alone, and reads the timespec if there is one.
    match unsafe { call(nr::PPOLL, [fds.as_mut_ptr() as usize, fds.len(), time, 0, 8, 0]) } {
        Err(EINTR) => Ok(()),
        other => other.map(drop),
    }
}
