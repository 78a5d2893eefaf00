//! nix-jail's helper: builds a jail from a plan and is process 1 of it. It is a program of its own, without a standard
//! library, so that it starts in no time: the library holds its bytes (build.rs) and executes them from memory.
//!
//! `outer` runs first and makes the namespaces; `init` is process 1; `mounts` builds the root; `watch` runs until the end.
#![no_std]
#![no_main]

mod arch;
#[allow(dead_code, reason = "the library uses the other half")]
mod codes;
mod cpu;
mod init;
mod job;
mod landlock;
mod mounts;
mod ops;
mod outer;
mod plan;
mod pump;
mod read;
mod report;
mod socket;
mod sys;
mod text;
mod watch;
#[allow(dead_code, reason = "the library uses the other half")]
mod wire;

/// The control socket: the only descriptor that the helper is started with.
const CONTROL: i32 = 0;

/// Called by the entry in `arch`.
extern "C" fn start() -> ! {
    outer::run()
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    report::refuse(report::Refusal { step: wire::Step::Panic, index: 0, errno: sys::Errno(0) })
}

/// Named by the unwinding tables of `core`; nothing unwinds here.
#[unsafe(no_mangle)]
extern "C" fn rust_eh_personality() {}
