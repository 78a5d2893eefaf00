//! What differs between machines: the entry, system calls and their numbers, a clone onto another stack, and the memory
//! functions that the compiler expects.

#[cfg_attr(target_arch = "x86_64", path = "arch/x86_64.rs")]
#[cfg_attr(target_arch = "aarch64", path = "arch/aarch64.rs")]
mod machine;

pub use machine::{clone_onto, nr, syscall};

/// What a child does on the stack that it got.
pub type Entry = unsafe extern "C" fn(*mut u8) -> !;

/// Numbers that every machine shares.
#[rustfmt::skip]
pub mod common {
    pub const OPEN_TREE: usize = 428; pub const MOVE_MOUNT: usize = 429; pub const FSOPEN: usize = 430;
    pub const FSCONFIG: usize = 431; pub const FSMOUNT: usize = 432; pub const CLOSE_RANGE: usize = 436;
    pub const OPENAT2: usize = 437; pub const MOUNT_SETATTR: usize = 442; pub const LANDLOCK_CREATE: usize = 444;
    pub const LANDLOCK_ADD: usize = 445; pub const LANDLOCK_RESTRICT: usize = 446;
}
