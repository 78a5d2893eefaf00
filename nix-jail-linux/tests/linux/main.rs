//! What is particular to this backend: the rest is in the suite that every backend runs.

mod cancelled;
mod cpu;
mod embedder;
mod moved;
mod refused;
mod second;
mod sockets;
mod support;
