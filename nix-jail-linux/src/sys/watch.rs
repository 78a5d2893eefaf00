use std::io;
use std::os::fd::OwnedFd;

use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// A descriptor, registered with the runtime of the calling task.
#[expect(unsafe_code, reason = "tokio cannot know that an OwnedFd keeps its descriptor open")]
pub(crate) fn watch(fd: OwnedFd) -> io::Result<AsyncFd<OwnedFd>> {
    // SAFETY: the descriptor has to stay open, and the same, until it is deregistered: the AsyncFd owns it, and nothing
    // takes it out before then.
    unsafe { AsyncFd::register_with_interest(fd, Interest::READABLE) }.map_err(Into::into)
}
