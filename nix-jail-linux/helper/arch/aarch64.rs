//! AArch64: syscall(2) for its calling convention.
use super::Entry;
use core::arch::{asm, global_asm};

/// Numbers of the calls that are not the same everywhere.
#[rustfmt::skip]
pub mod nr {
    pub const DUP3: usize = 24; pub const FCNTL: usize = 25; pub const IOCTL: usize = 29;
    pub const MKDIRAT: usize = 34; pub const SYMLINKAT: usize = 36; pub const UMOUNT2: usize = 39;
    pub const PIVOT_ROOT: usize = 41; pub const FACCESSAT: usize = 48; pub const CHDIR: usize = 49;
    pub const FCHDIR: usize = 50; pub const OPENAT: usize = 56; pub const CLOSE: usize = 57;
    pub const PIPE2: usize = 59; pub const GETDENTS64: usize = 61; pub const LSEEK: usize = 62;
    pub const READ: usize = 63; pub const WRITE: usize = 64; pub const PPOLL: usize = 73;
    pub const SIGNALFD4: usize = 74; pub const CAPSET: usize = 91; pub const EXIT_GROUP: usize = 94;
    pub const CLOCK_GETTIME: usize = 113; pub const GETAFFINITY: usize = 123; pub const KILL: usize = 129;
    pub const SIGACTION: usize = 134; pub const SIGPROCMASK: usize = 135; pub const SETRESUID: usize = 147;
    pub const SETRESGID: usize = 149; pub const SETSID: usize = 157; pub const SETGROUPS: usize = 159;
    pub const SETHOSTNAME: usize = 161; pub const GETRUSAGE: usize = 165; pub const UMASK: usize = 166;
    pub const PRCTL: usize = 167; pub const SOCKET: usize = 198; pub const BIND: usize = 200;
    pub const LISTEN: usize = 201; pub const SETSOCKOPT: usize = 208; pub const SHUTDOWN: usize = 210;
    pub const SENDMSG: usize = 211; pub const RECVMSG: usize = 212; pub const MUNMAP: usize = 215;
    pub const CLONE: usize = 220; pub const EXECVE: usize = 221; pub const MMAP: usize = 222;
    pub const PERF_EVENT_OPEN: usize = 241;
    pub const WAIT4: usize = 260; pub const PRLIMIT64: usize = 261; pub const SECCOMP: usize = 277;
    pub const PWRITEV2: usize = 287; pub const STATX: usize = 291;
}

/// One system call: the kernel's answer, negative for an error.
///
/// # Safety
/// What the call itself asks for: pointers that are valid for what it reads and writes.
pub unsafe fn syscall(number: usize, a: [usize; 6]) -> isize {
    let answer;
    // SAFETY: the caller answers for the arguments; the kernel clobbers x0 and nothing else.
    unsafe {
        asm!(
            "svc #0",
            in("x8") number,
            inlateout("x0") a[0] => answer,
            in("x1") a[1], in("x2") a[2], in("x3") a[3], in("x4") a[4], in("x5") a[5],
            options(nostack)
        );
    }
    answer
}

/// clone(2) onto another stack, where the child calls `entry(argument)`: the child's pid, or a negative error.
///
/// # Safety
/// `stack` is the aligned upper end of memory that nobody else uses until the child has executed or exited; `entry`
/// never returns; `argument` is what it expects; with CLONE_VM, CLONE_VFORK is set too.
pub unsafe fn clone_onto(flags: usize, stack: *mut u8, entry: Entry, argument: *mut u8) -> isize {
    let answer;
    // SAFETY: the parent comes back with only x0 changed; the child never does, by the contract above.
    unsafe {
        asm!(
            "svc #0",
            "cbnz x0, 2f",
            "mov x29, xzr",
            "mov x0, x21",
            "blr x20",
            "brk #1",
            "2:",
            in("x8") nr::CLONE,
            inlateout("x0") flags => answer,
            in("x1") stack, in("x2") 0, in("x3") 0, in("x4") 0,
            in("x20") entry, in("x21") argument,
            lateout("lr") _
        );
    }
    answer
}

global_asm!(
    "
    .globl _start
_start:
    mov x29, xzr
    mov x30, xzr
    bl {main}
    brk #1
    ",
    main = sym crate::start
);

// The compiler calls these by name. Written so that it cannot turn them into calls of themselves.
global_asm!(
    "
    .globl memcpy
memcpy:
    mov x3, x0
2:  cbz x2, 3f
    ldrb w4, [x1], #1
    strb w4, [x3], #1
    sub x2, x2, #1
    b 2b
3:  ret

    .globl memset
memset:
    mov x3, x0
2:  cbz x2, 3f
    strb w1, [x3], #1
    sub x2, x2, #1
    b 2b
3:  ret

    .globl memmove
memmove:
    cmp x0, x1
    b.ls memcpy
2:  cbz x2, 3f
    sub x2, x2, #1
    ldrb w4, [x1, x2]
    strb w4, [x0, x2]
    b 2b
3:  ret

    .globl memcmp
    .globl bcmp
memcmp:
bcmp:
    mov w5, wzr
2:  cbz x2, 3f
    ldrb w3, [x0], #1
    ldrb w4, [x1], #1
    sub x2, x2, #1
    subs w5, w3, w4
    b.eq 2b
3:  mov w0, w5
    ret
    "
);
