use nix_jail_core::{Error, Result};
use tokio::runtime::{Handle, RuntimeFlavor};

/// Runs what may block (a look at files, a vfork) where it holds nobody up. A current-thread runtime belongs to a program
/// that chose to do one thing at a time: there it runs at once, and no thread is made.
pub(crate) async fn off_thread<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
    match Handle::try_current().map(|h| h.runtime_flavor()) {
        Ok(RuntimeFlavor::MultiThread) => {
            tokio::task::spawn_blocking(work).await.map_err(|e| Error::backend("tokio", "running blocking work", e))
        }
        _ => Ok(work()),
    }
}
