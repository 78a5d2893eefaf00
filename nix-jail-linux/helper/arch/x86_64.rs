//! x86-64: syscall(2) for its calling convention.
use super::Entry;
use core::arch::{asm, global_asm};

/// Numbers of the calls that are not the same everywhere.
#[rustfmt::skip]
pub mod nr {
    pub const READ: usize = 0; pub const WRITE: usize = 1; pub const CLOSE: usize = 3; pub const LSEEK: usize = 8;
    pub const MMAP: usize = 9; pub const MUNMAP: usize = 11; pub const SIGACTION: usize = 13;
    pub const SIGPROCMASK: usize = 14; pub const IOCTL: usize = 16; pub const SOCKET: usize = 41;
    pub const SENDMSG: usize = 46; pub const RECVMSG: usize = 47; pub const SHUTDOWN: usize = 48;
    pub const BIND: usize = 49; pub const LISTEN: usize = 50; pub const SETSOCKOPT: usize = 54;
    pub const CLONE: usize = 56; pub const EXECVE: usize = 59; pub const PERF_EVENT_OPEN: usize = 298;
    pub const WAIT4: usize = 61;
    pub const KILL: usize = 62; pub const FCNTL: usize = 72; pub const CHDIR: usize = 80;
    pub const FCHDIR: usize = 81; pub const UMASK: usize = 95; pub const GETRUSAGE: usize = 98;
    pub const SETSID: usize = 112; pub const SETGROUPS: usize = 116; pub const SETRESUID: usize = 117;
    pub const SETRESGID: usize = 119; pub const CAPSET: usize = 126; pub const PIVOT_ROOT: usize = 155;
    pub const PRCTL: usize = 157; pub const UMOUNT2: usize = 166; pub const SETHOSTNAME: usize = 170;
    pub const GETAFFINITY: usize = 204; pub const GETDENTS64: usize = 217; pub const CLOCK_GETTIME: usize = 228;
    pub const EXIT_GROUP: usize = 231; pub const OPENAT: usize = 257; pub const MKDIRAT: usize = 258;
    pub const SYMLINKAT: usize = 266; pub const FACCESSAT: usize = 269; pub const PPOLL: usize = 271;
    pub const SIGNALFD4: usize = 289; pub const DUP3: usize = 292; pub const PIPE2: usize = 293;
    pub const PRLIMIT64: usize = 302; pub const SECCOMP: usize = 317; pub const PWRITEV2: usize = 328;
    pub const STATX: usize = 332;
}

/// One system call: the kernel's answer, negative for an error.
///
/// # Safety
/// What the call itself asks for: pointers that are valid for what it reads and writes.
pub unsafe fn syscall(number: usize, a: [usize; 6]) -> isize {
    let answer;
    // SAFETY: the caller answers for the arguments; the kernel clobbers rcx and r11 and nothing else.
    unsafe {
        asm!(
            "syscall",
            inlateout("rax") number => answer,
            in("rdi") a[0], in("rsi") a[1], in("rdx") a[2], in("r10") a[3], in("r8") a[4], in("r9") a[5],
            lateout("rcx") _, lateout("r11") _,
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
    // SAFETY: the parent comes back with only rax, rcx and r11 changed; the child never does, by the contract above.
    unsafe {
        asm!(
            "syscall",
            "test rax, rax",
            "jnz 2f",
            "xor ebp, ebp",
            "mov rdi, r13",
            "call r12",
            "ud2",
            "2:",
            inlateout("rax") nr::CLONE => answer,
            in("rdi") flags, in("rsi") stack, in("rdx") 0, in("r10") 0, in("r8") 0,
            in("r12") entry, in("r13") argument,
            lateout("rcx") _, lateout("r11") _
        );
    }
    answer
}

global_asm!(
    "
    .globl _start
_start:
    xor ebp, ebp
    and rsp, -16
    call {main}
    ud2
    ",
    main = sym crate::start
);

// The compiler calls these by name. Written so that it cannot turn them into calls of themselves.
global_asm!(
    "
    .globl memcpy
memcpy:
    mov rax, rdi
    mov rcx, rdx
    rep movsb
    ret

    .globl memset
memset:
    mov r8, rdi
    mov eax, esi
    mov rcx, rdx
    rep stosb
    mov rax, r8
    ret

    .globl memmove
memmove:
    mov rax, rdi
    mov rcx, rdx
    cmp rdi, rsi
    jbe 2f
    lea rdi, [rdi + rdx - 1]
    lea rsi, [rsi + rdx - 1]
    std
    rep movsb
    cld
    ret
2:  rep movsb
    ret

    .globl memcmp
    .globl bcmp
memcmp:
bcmp:
    xor eax, eax
    xor ecx, ecx
2:  cmp rcx, rdx
    je 3f
    movzx eax, byte ptr [rdi + rcx]
    movzx r8d, byte ptr [rsi + rcx]
    inc rcx
    sub eax, r8d
    jz 2b
3:  ret
    "
);
