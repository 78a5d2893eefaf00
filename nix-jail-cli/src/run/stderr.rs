//! A job's stderr as events.

use nix_jail::JobKey;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;

use crate::output::json;

/// A line that is longer is told in pieces.
const PIECE: usize = 64 << 10;

/// Reads to the end. What cannot be read is not there.
pub(crate) async fn pump(stderr: Option<pipe::Receiver>, job: &JobKey) {
    let Some(mut stderr) = stderr else { return };
    let mut held = Vec::new();
    while let Ok(1..) = stderr.read_buf(&mut held).await {
        let whole = whole(&held);
        for line in held[..whole].split_inclusive(|b| *b == b'\n') {
            json::stderr(job, line);
        }
        held.drain(..whole);
    }
    if !held.is_empty() {
        json::stderr(job, &held);
    }
}

/// How much of what is held can be told: all full lines, or everything once it is too much to hold.
fn whole(held: &[u8]) -> usize {
    match held.iter().rposition(|b| *b == b'\n') {
        Some(at) => at + 1,
        None if held.len() >= PIECE => held.len(),
        None => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_told_whole() {
        assert_eq!(whole(b"a\nb"), 2);
        assert_eq!(whole(b"ab"), 0);
        assert_eq!(whole(&[b'x'; PIECE]), PIECE);
    }
}
