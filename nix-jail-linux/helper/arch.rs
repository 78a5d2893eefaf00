//! What differs between machines: the entry, system calls, a clone onto another stack, and the memory functions that
//! the compiler expects. See syscall(2) for the calling conventions.
use core::arch::{asm, global_asm};

/// Numbers of the calls that are not the same everywhere.
#[cfg(target_arch = "x86_64")]
#[rustfmt::skip]
pub mod nr {
    pub const READ: usize = 0; pub const CLOSE: usize = 3; pub const LSEEK: usize = 8; pub const MMAP: usize = 9;
    pub const MUNMAP: usize = 11; pub const SIGACTION: usize = 13; pub const SIGPROCMASK: usize = 14;
    pub const IOCTL: usize = 16; pub const SOCKET: usize = 41; pub const SENDMSG: usize = 46;
    pub const RECVMSG: usize = 47; pub const BIND: usize = 49; pub const LISTEN: usize = 50;
    pub const SHUTDOWN: usize = 48; pub const SETSOCKOPT: usize = 54; pub const CLONE: usize = 56; pub const EXECVE: usize = 59;
    pub const WAIT4: usize = 61; pub const KILL: usize = 62; pub const FCNTL: usize = 72; pub const CHDIR: usize = 80;
    pub const FCHDIR: usize = 81; pub const UMASK: usize = 95; pub const GETRUSAGE: usize = 98;
    pub const SETSID: usize = 112; pub const SETGROUPS: usize = 116; pub const SETRESUID: usize = 117;
    pub const SETRESGID: usize = 119; pub const CAPSET: usize = 126; pub const PIVOT_ROOT: usize = 155;
    pub const PRCTL: usize = 157; pub const UMOUNT2: usize = 166; pub const SETHOSTNAME: usize = 170;
    pub const GETAFFINITY: usize = 204; pub const GETDENTS64: usize = 217; pub const CLOCK_GETTIME: usize = 228;
    pub const EXIT_GROUP: usize = 231; pub const OPENAT: usize = 257; pub const MKDIRAT: usize = 258;
    pub const SYMLINKAT: usize = 266; pub const FACCESSAT: usize = 269; pub const PPOLL: usize = 271;
    pub const SIGNALFD4: usize = 289; pub const DUP3: usize = 292; pub const PIPE2: usize = 293;
    pub const PRLIMIT64: usize = 302; pub const SECCOMP: usize = 317; pub const PWRITEV2: usize = 328;
    pub const STATX: usize = 332; pub const WRITE: usize = 1;
}

/// Numbers of the calls that are not the same everywhere.
#[cfg(target_arch = "aarch64")]
#[rustfmt::skip]
pub mod nr {
    pub const DUP3: usize = 24; pub const FCNTL: usize = 25; pub const IOCTL: usize = 29; pub const MKDIRAT: usize = 34;
    pub const SYMLINKAT: usize = 36; pub const UMOUNT2: usize = 39; pub const PIVOT_ROOT: usize = 41;
    pub const FACCESSAT: usize = 48; pub const CHDIR: usize = 49; pub const FCHDIR: usize = 50;
    pub const OPENAT: usize = 56; pub const CLOSE: usize = 57; pub const PIPE2: usize = 59;
    pub const GETDENTS64: usize = 61; pub const LSEEK: usize = 62; pub const READ: usize = 63;
    pub const WRITE: usize = 64; pub const PPOLL: usize = 73; pub const SIGNALFD4: usize = 74;
    pub const CAPSET: usize = 91; pub const EXIT_GROUP: usize = 94; pub const CLOCK_GETTIME: usize = 113;
    pub const GETAFFINITY: usize = 123; pub const KILL: usize = 129; pub const SIGACTION: usize = 134;
    pub const SIGPROCMASK: usize = 135; pub const SETRESUID: usize = 147; pub const SETRESGID: usize = 149;
    pub const SETSID: usize = 157; pub const SETGROUPS: usize = 159; pub const SETHOSTNAME: usize = 161;
    pub const GETRUSAGE: usize = 165; pub const UMASK: usize = 166; pub const PRCTL: usize = 167;
    pub const SOCKET: usize = 198; pub const BIND: usize = 200; pub const LISTEN: usize = 201;
    pub const SETSOCKOPT: usize = 208; pub const SHUTDOWN: usize = 210; pub const SENDMSG: usize = 211; pub const RECVMSG: usize = 212;
    pub const MUNMAP: usize = 215; pub const CLONE: usize = 220; pub const EXECVE: usize = 221;
    pub const MMAP: usize = 222; pub const WAIT4: usize = 260; pub const PRLIMIT64: usize = 261;
    pub const SECCOMP: usize = 277; pub const PWRITEV2: usize = 287; pub const STATX: usize = 291;
}

/// Numbers that every machine shares.
#[rustfmt::skip]
pub mod common {
    pub const OPEN_TREE: usize = 428; pub const MOVE_MOUNT: usize = 429; pub const FSOPEN: usize = 430;
    pub const FSCONFIG: usize = 431; pub const FSMOUNT: usize = 432; pub const CLOSE_RANGE: usize = 436;
    pub const OPENAT2: usize = 437; pub const MOUNT_SETATTR: usize = 442; pub const LANDLOCK_CREATE: usize = 444;
    pub const LANDLOCK_ADD: usize = 445; pub const LANDLOCK_RESTRICT: usize = 446;
}

/// One system call: the kernel's answer, negative for an error.
///
/// # Safety
/// What the call itself asks for: pointers that are valid for what it reads and writes.
#[cfg(target_arch = "x86_64")]
pub unsafe fn syscall(number: usize, a: [usize; 6]) -> isize {
    let answer;
    // SAFETY: the caller answers for the arguments; the kernel clobbers rcx and r11 and nothing else.
    unsafe {
        asm!("syscall", inlateout("rax") number => answer, in("rdi") a[0], in("rsi") a[1], in("rdx") a[2],
            in("r10") a[3], in("r8") a[4], in("r9") a[5], lateout("rcx") _, lateout("r11") _, options(nostack));
    }
    answer
}

/// One system call: the kernel's answer, negative for an error.
///
/// # Safety
/// What the call itself asks for: pointers that are valid for what it reads and writes.
#[cfg(target_arch = "aarch64")]
pub unsafe fn syscall(number: usize, a: [usize; 6]) -> isize {
    let answer;
    // SAFETY: the caller answers for the arguments; the kernel clobbers x0 and nothing else.
    unsafe {
        asm!("svc #0", in("x8") number, inlateout("x0") a[0] => answer, in("x1") a[1], in("x2") a[2],
            in("x3") a[3], in("x4") a[4], in("x5") a[5], options(nostack));
    }
    answer
}

/// clone(2) onto another stack, where the child calls `entry(argument)`: the child's pid, or a negative error.
///
/// # Safety
/// `stack` is the aligned upper end of memory that nobody else uses until the child has executed or exited; `entry`
/// never returns; `argument` is what it expects; with CLONE_VM, CLONE_VFORK is set too.
#[cfg(target_arch = "x86_64")]
pub unsafe fn clone_onto(flags: usize, stack: *mut u8, entry: unsafe extern "C" fn(*mut u8) -> !, argument: *mut u8) -> isize {
    let answer;
    // SAFETY: the parent comes back with only rax, rcx and r11 changed; the child never comes back, by the contract above.
    unsafe {
        asm!("syscall", "test rax, rax", "jnz 2f", "xor ebp, ebp", "mov rdi, r13", "call r12", "ud2", "2:",
            inlateout("rax") nr::CLONE => answer, in("rdi") flags, in("rsi") stack, in("rdx") 0, in("r10") 0,
            in("r8") 0, in("r12") entry, in("r13") argument, lateout("rcx") _, lateout("r11") _);
    }
    answer
}

/// clone(2) onto another stack, where the child calls `entry(argument)`: the child's pid, or a negative error.
///
/// # Safety
/// `stack` is the aligned upper end of memory that nobody else uses until the child has executed or exited; `entry`
/// never returns; `argument` is what it expects; with CLONE_VM, CLONE_VFORK is set too.
#[cfg(target_arch = "aarch64")]
pub unsafe fn clone_onto(flags: usize, stack: *mut u8, entry: unsafe extern "C" fn(*mut u8) -> !, argument: *mut u8) -> isize {
    let answer;
    // SAFETY: the parent comes back with only x0 changed; the child never comes back, by the contract above.
    unsafe {
        asm!("svc #0", "cbnz x0, 2f", "mov x29, xzr", "mov x0, x21", "blr x20", "brk #1", "2:",
            in("x8") nr::CLONE, inlateout("x0") flags => answer, in("x1") stack, in("x2") 0, in("x3") 0,
            in("x4") 0, in("x20") entry, in("x21") argument, lateout("lr") _);
    }
    answer
}

#[cfg(target_arch = "x86_64")]
global_asm!(".globl _start", "_start:", "xor ebp, ebp", "and rsp, -16", "call {main}", "ud2", main = sym crate::start);

#[cfg(target_arch = "aarch64")]
global_asm!(".globl _start", "_start:", "mov x29, xzr", "mov x30, xzr", "bl {main}", "brk #1", main = sym crate::start);

// The compiler calls these by name. Written so that it cannot turn them into calls of themselves.
#[cfg(target_arch = "x86_64")]
global_asm!(
    ".globl memcpy", "memcpy:", "mov rax, rdi", "mov rcx, rdx", "rep movsb", "ret",
    ".globl memset", "memset:", "mov r8, rdi", "mov eax, esi", "mov rcx, rdx", "rep stosb", "mov rax, r8", "ret",
    ".globl memmove", "memmove:", "mov rax, rdi", "mov rcx, rdx", "cmp rdi, rsi", "jbe 2f",
    "lea rdi, [rdi + rdx - 1]", "lea rsi, [rsi + rdx - 1]", "std", "rep movsb", "cld", "ret", "2:", "rep movsb", "ret",
    ".globl memcmp", ".globl bcmp", "memcmp:", "bcmp:", "xor eax, eax", "xor ecx, ecx", "2:", "cmp rcx, rdx", "je 3f",
    "movzx eax, byte ptr [rdi + rcx]", "movzx r8d, byte ptr [rsi + rcx]", "inc rcx", "sub eax, r8d", "jz 2b", "3:", "ret",
);

#[cfg(target_arch = "aarch64")]
global_asm!(
    ".globl memcpy", "memcpy:", "mov x3, x0", "2:", "cbz x2, 3f", "ldrb w4, [x1], #1", "strb w4, [x3], #1",
    "sub x2, x2, #1", "b 2b", "3:", "ret",
    ".globl memset", "memset:", "mov x3, x0", "2:", "cbz x2, 3f", "strb w1, [x3], #1", "sub x2, x2, #1", "b 2b", "3:", "ret",
    ".globl memmove", "memmove:", "cmp x0, x1", "b.ls memcpy", "2:", "cbz x2, 3f", "sub x2, x2, #1",
    "ldrb w4, [x1, x2]", "strb w4, [x0, x2]", "b 2b", "3:", "ret",
    ".globl memcmp", ".globl bcmp", "memcmp:", "bcmp:", "mov w5, wzr", "2:", "cbz x2, 3f", "ldrb w3, [x0], #1",
    "ldrb w4, [x1], #1", "sub x2, x2, #1", "subs w5, w3, w4", "b.eq 2b", "3:", "mov w0, w5", "ret",
);
