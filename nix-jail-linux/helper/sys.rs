//! System calls with types. Every pointer is made here, from references that live as long as the call.
//! Constants carry the names of the kernel's headers.
pub mod fs;
pub mod net;
pub mod rights;
pub mod task;

use crate::arch::{self, nr};
use core::ffi::CStr;

/// An error of the kernel.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Errno(pub i32);
pub type Result<T = ()> = core::result::Result<T, Errno>;

#[rustfmt::skip]
mod errno {
    use super::Errno;
    pub const ENOENT: Errno = Errno(2); pub const EINTR: Errno = Errno(4); pub const E2BIG: Errno = Errno(7);
    pub const ENOEXEC: Errno = Errno(8); pub const ECHILD: Errno = Errno(10); pub const EAGAIN: Errno = Errno(11);
    pub const EPERM: Errno = Errno(1); pub const EACCES: Errno = Errno(13); pub const EEXIST: Errno = Errno(17);
    pub const ENODEV: Errno = Errno(19); pub const ENOTDIR: Errno = Errno(20); pub const EISDIR: Errno = Errno(21);
    pub const EINVAL: Errno = Errno(22);
    pub const EOPNOTSUPP: Errno = Errno(95); pub const ETIMEDOUT: Errno = Errno(110);
    pub const ESTALE: Errno = Errno(116); pub const EBADMSG: Errno = Errno(74);
}
pub use errno::*;

/// One call. Crate-private to `sys`: the typed functions are the way in.
///
/// # Safety
/// As [`arch::syscall`].
unsafe fn call(number: usize, arguments: [usize; 6]) -> Result<usize> {
    // SAFETY: the caller keeps what this call asks for.
    let answer = unsafe { arch::syscall(number, arguments) };
    if answer < 0 { Err(Errno(-answer as i32)) } else { Ok(answer as usize) }
}

/// A call all of whose arguments are numbers, and which touches no memory of ours.
fn plain<const N: usize>(number: usize, arguments: [usize; N]) -> Result<usize> {
    let mut all = [0; 6];
    for (place, value) in all.iter_mut().zip(arguments) {
        *place = value;
    }
    // SAFETY: no argument is a pointer.
    unsafe { call(number, all) }
}

/// A descriptor that closes itself.
pub struct Fd(i32);

impl Fd {
    /// Takes over a descriptor that the kernel just made.
    pub fn new(raw: usize) -> Self {
        Self(raw as i32)
    }

    /// Its number.
    pub fn raw(&self) -> i32 {
        self.0
    }

    /// Its number, not to be closed any more.
    pub fn keep(self) -> i32 {
        let raw = self.0;
        core::mem::forget(self);
        raw
    }
}

impl Drop for Fd {
    fn drop(&mut self) {
        close(self.0);
    }
}

/// An int as the kernel wants it in a register.
pub fn int(value: i32) -> usize {
    value as isize as usize
}

/// The address of a string.
fn text(value: &CStr) -> usize {
    value.as_ptr() as usize
}

pub fn close(fd: i32) {
    let _ = plain(nr::CLOSE, [int(fd)]);
}

/// Closes all descriptors from `first` to `last`.
pub fn close_range(first: i32, last: i32) -> Result {
    plain(arch::common::CLOSE_RANGE, [first as usize, last as usize, 0]).map(drop)
}

pub fn read(fd: i32, into: &mut [u8]) -> Result<usize> {
    // SAFETY: the kernel writes at most into.len() bytes into a buffer that we hold alone.
    unsafe { call(nr::READ, [int(fd), into.as_mut_ptr() as usize, into.len(), 0, 0, 0]) }
}

pub fn write(fd: i32, from: &[u8]) -> Result<usize> {
    // SAFETY: the kernel reads from.len() bytes of a borrowed buffer.
    unsafe { call(nr::WRITE, [int(fd), from.as_ptr() as usize, from.len(), 0, 0, 0]) }
}

/// Writes what can be written without waiting. EOPNOTSUPP where a file cannot say that: then the file is asked to
/// write at most what poll(2) promised.
pub fn write_nowait(fd: i32, from: &[u8]) -> Result<usize> {
    const RWF_NOWAIT: usize = 8;
    let vector = [from.as_ptr() as usize, from.len()];
    // SAFETY: the kernel reads one iovec, and the from.len() bytes of the borrowed buffer that it names.
    unsafe { call(nr::PWRITEV2, [int(fd), vector.as_ptr() as usize, 1, usize::MAX, usize::MAX, RWF_NOWAIT]) }
}

/// Memory filled with zeros, ours until the end of the process.
pub fn memory(bytes: usize) -> Result<&'static mut [u8]> {
    // PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS
    let address = plain(nr::MMAP, [0, bytes.max(1), 3, 0x22, usize::MAX, 0])?;
    // SAFETY: the kernel just gave us `bytes` bytes of zeroed memory at this address, which nobody else knows.
    Ok(unsafe { core::slice::from_raw_parts_mut(address as *mut u8, bytes) })
}

/// Gives back what [`memory`] gave, at once and whole.
pub fn free(memory: &'static mut [u8]) {
    let _ = plain(nr::MUNMAP, [memory.as_ptr() as usize, memory.len()]);
}

/// A memfd of the embedder's, to read, until the end of the process. EPERM where it could still be changed or cut.
pub fn map_file(fd: i32, bytes: usize) -> Result<&'static [u8]> {
    const F_GET_SEALS: usize = 1034;
    const SHRINK_AND_WRITE: usize = 2 | 8;
    if plain(nr::FCNTL, [int(fd), F_GET_SEALS])? & SHRINK_AND_WRITE != SHRINK_AND_WRITE {
        return Err(EPERM);
    }
    // PROT_READ, MAP_PRIVATE | MAP_POPULATE
    let address = plain(nr::MMAP, [0, bytes, 1, 0x8002, int(fd), 0])?;
    // SAFETY: the kernel just mapped `bytes` readable bytes, and the seals say that nobody changes or cuts them.
    Ok(unsafe { core::slice::from_raw_parts(address as *const u8, bytes) })
}

/// Gives back what [`map_file`] gave.
///
/// # Safety
/// Nothing derived from the slice is used afterwards.
pub unsafe fn unmap(bytes: &'static [u8]) {
    let _ = plain(nr::MUNMAP, [bytes.as_ptr() as usize, bytes.len()]);
}
