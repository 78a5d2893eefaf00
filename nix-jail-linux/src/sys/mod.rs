//! The few things that the library itself asks of the kernel, in safe wrappers.

mod off_thread;
mod socket;
mod spawn;
mod watch;

pub(crate) use off_thread::off_thread;
pub(crate) use socket::{receive, send, socket_pair};
pub(crate) use spawn::{HelperImage, reap, reap_within, spawn_helper};
pub(crate) use watch::watch;

use std::io;
use std::os::fd::OwnedFd;

use rustix::fs::{MemfdFlags, SealFlags};

/// These bytes as an anonymous file that nobody can change any more. Close-on-exec.
pub(crate) fn sealed(name: &str, bytes: &[u8], executable: bool) -> io::Result<OwnedFd> {
    let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
    let kind = if executable { MemfdFlags::EXEC } else { MemfdFlags::NOEXEC_SEAL };
    // Kernels before 6.3 know neither of the two kinds.
    let fd = match rustix::fs::memfd_create(name, flags | kind) {
        Err(rustix::io::Errno::INVAL) => rustix::fs::memfd_create(name, flags)?,
        other => other?,
    };
    let mut left = bytes;
    while !left.is_empty() {
        left = &left[rustix::io::write(&fd, left)?..];
    }
    rustix::fs::fcntl_add_seals(&fd, SealFlags::SEAL | SealFlags::SHRINK | SealFlags::GROW | SealFlags::WRITE)?;
    Ok(fd)
}

/// The version of the kernel's Landlock, see landlock_create_ruleset(2); 0 = there is none.
#[expect(unsafe_code, reason = "no safe wrapper for this call is in the crates that we use")]
pub(crate) fn landlock_abi() -> u32 {
    const LANDLOCK_CREATE_RULESET_VERSION: libc::c_uint = 1;
    let nothing = std::ptr::null::<libc::c_void>();
    // SAFETY: with this flag the call reads no memory: it takes a null pointer and a size of 0, and answers with a number.
    let version =
        unsafe { libc::syscall(libc::SYS_landlock_create_ruleset, nothing, 0_usize, LANDLOCK_CREATE_RULESET_VERSION) };
    u32::try_from(version).unwrap_or(0)
}
