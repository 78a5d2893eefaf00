//! The compiled filters, judged by running them: against the table, number by number, and against the names and
//! arguments of the threat model, written out once more by hand.

use super::arguments::Question;
use super::interpreter::{Call, Outcome, run};
use super::numbers::NUMBERS;
use super::*;

const ALLOW: u32 = 0x7FFF_0000;
const KILL: u32 = 0x8000_0000;
const fn errno(number: u32) -> u32 {
    0x0005_0000 | number
}
const DENIED: u32 = errno(1);
const ABSENT: u32 = errno(38);
const NO_FAMILY: u32 = errno(97);
const NO_PROTOCOL: u32 = errno(93);

const PROFILES: [Profile; 3] = [Profile::Default, Profile::Strict, Profile::Build];
/// In the upper half of an argument: what the kernel drops must not change the answer.
const GARBAGE: u64 = 0xDEAD_BEEF_0000_0000;
/// Argument values that some question asks for, and their neighbours.
const VALUES: [u64; 26] = [
    0,
    1024,
    1025,
    0o755,
    0o2755,
    0o4755,
    1,
    2,
    3,
    6,
    8,
    9,
    10,
    15,
    16,
    17,
    58,
    0x10_0000,
    0x2_0008,
    0x1000_0000,
    0x2000,
    0x5412,
    0x541C,
    0x5423,
    0x6000,
    0xFFFF_FFFF,
];

fn ask(arch: &Arch, program: &[u8], number: u32, args: [u64; 6]) -> Outcome {
    run(program, &Call { number, arch: arch.audit, args })
}

/// The answer of the filter of this machine to a call by name, without and with garbage in the upper halves.
fn answer(profile: Profile, name: &str, args: &[u64]) -> u32 {
    let number = (HERE.numbers)()[name];
    let mut six = [0; 6];
    six[..args.len()].copy_from_slice(args);
    let clean = ask(&HERE, program(profile), number, six).answer;
    let garbage = ask(&HERE, program(profile), number, six.map(|arg| arg | GARBAGE)).answer;
    assert_eq!(clean, garbage, "{name} {args:x?}: upper halves count");
    clean
}

/// What the table says, read without the assembler.
fn expected(rows: &[Row], number: Option<&str>, args: [u64; 6]) -> u32 {
    let row = number.and_then(|name| rows.iter().rev().find(|row| row.name == name));
    let mut verdict = row.map_or(Verdict::Errno(ENOSYS), |row| row.verdict);
    loop {
        verdict = match verdict {
            Verdict::Allow => return ALLOW,
            Verdict::Errno(number) => return errno(number.into()),
            Verdict::Kill => return KILL,
            Verdict::Ask(&Question { arg, mask, values, yes, no }) => {
                if values.contains(&(args[usize::from(arg)] as u32 & mask)) { yes } else { no }
            }
        }
    }
}

/// Walks every number, on both architectures and in every profile.
#[test]
fn every_number_gets_its_row() {
    for (arch, column) in [(&X86_64, 1), (&AARCH64, 2)] {
        for profile in PROFILES {
            let rows: Vec<Row> = TABLE.iter().chain(changes(profile)).copied().collect();
            let program = compile(arch, changes(profile));
            for number in (0..=1000).chain([u32::MAX - 1, u32::MAX]) {
                let name = NUMBERS.iter().find(|row| [row.1, row.2][column - 1] == Some(number)).map(|row| row.0);
                for value in VALUES.iter().flat_map(|&value| [value, value | GARBAGE]) {
                    let args = [value; 6];
                    let outcome = ask(arch, &program, number, args);
                    assert_eq!(outcome.answer, expected(&rows, name, args), "{profile:?} {number} {name:?} {value:x}");
                }
            }
        }
    }
}

#[test]
fn the_x32_bit_is_enosys() {
    for profile in PROFILES {
        let program = compile(&X86_64, changes(profile));
        for number in 0..=1000 {
            assert_eq!(ask(&X86_64, &program, 1 << 30 | number, [0; 6]).answer, ABSENT, "{number}");
        }
    }
}

/// i386, the other one of the two that are supported, ARM, and marks that no kernel makes.
#[test]
fn a_foreign_architecture_is_killed() {
    for profile in PROFILES {
        let program = compile(&X86_64, changes(profile));
        for arch in [0x4000_0003, AARCH64.audit, 0x4000_0028, 0, u32::MAX, X86_64.audit & !0x4000_0000] {
            for number in [0, 1, 11, 59, 1 << 30, u32::MAX] {
                let outcome = run(&program, &Call { number, arch, args: [0; 6] });
                assert_eq!((outcome.answer, outcome.steps), (KILL, 3), "{arch:#x}");
            }
        }
    }
}

#[test]
fn programs_are_short_and_their_paths_shorter() {
    for (arch, profile) in [&X86_64, &AARCH64].into_iter().flat_map(|arch| PROFILES.map(|profile| (arch, profile))) {
        let program = compile(arch, changes(profile));
        let length = program.len() / 8;
        assert!(length < 255, "{length} instructions: targets get out of the reach of a branch");
        let numbers = || (0..=1000).chain([1 << 30, u32::MAX]);
        let calls = numbers().flat_map(|number| VALUES.map(|value| (number, [value; 6])));
        let longest = calls.map(|(number, args)| ask(arch, &program, number, args).steps).max();
        assert!(longest <= Some(25), "{longest:?} instructions executed");
        println!("{profile:?} {:#x}: {length} instructions, at most {longest:?} executed", arch.audit);
    }
}

#[test]
fn the_table_is_sorted_complete_and_says_why() {
    assert!(TABLE.is_sorted_by(|a, b| a.name < b.name), "sorted, and each name once");
    let names: Vec<&str> = TABLE.iter().map(|row| row.name).collect();
    let numbered: Vec<&str> = NUMBERS.iter().map(|row| row.0).collect();
    assert_eq!(names, numbered, "a row for every number and a number for every row");
    for row in TABLE {
        assert!(!row.why.is_empty(), "{}", row.name);
    }
}

/// attacks.md, "(core)", written out: these hold whatever the table says.
#[test]
fn what_must_fail_fails() {
    let everywhere = "open_by_handle_at keyctl add_key request_key bpf perf_event_open userfaultfd kexec_load
        init_module finit_module delete_module pidfd_getfd swapon swapoff reboot acct quotactl quotactl_fd
        lookup_dcookie nfsservctl syslog vhangup settimeofday clock_settime fanotify_init mbind move_pages";
    let but_in_build =
        "name_to_handle_at mount umount2 fsopen fsconfig fsmount fspick open_tree open_tree_attr move_mount
        mount_setattr pivot_root chroot setns unshare ptrace process_vm_readv process_vm_writev kcmp sethostname";
    for name in everywhere.split_whitespace() {
        assert_eq!(PROFILES.map(|profile| answer(profile, name, &[])), [DENIED; 3], "{name}");
    }
    for name in but_in_build.split_whitespace() {
        assert_eq!(PROFILES.map(|profile| answer(profile, name, &[])), [DENIED, DENIED, ALLOW], "{name}");
    }
    for name in ["io_uring_setup", "io_uring_enter", "io_uring_register"] {
        assert_eq!(PROFILES.map(|profile| answer(profile, name, &[])), [ABSENT; 3], "{name}");
    }
    assert_eq!(PROFILES.map(|profile| answer(profile, "clone3", &[])), [ABSENT, ABSENT, ALLOW]);
}

#[test]
#[cfg(target_arch = "x86_64")]
fn what_must_fail_fails_on_x86() {
    for name in ["modify_ldt", "iopl", "ioperm", "uselib", "kexec_file_load", "create_module"] {
        assert_eq!(PROFILES.map(|profile| answer(profile, name, &[])), [DENIED; 3], "{name}");
    }
    assert_eq!(answer(Profile::Build, "mknod", &[0, 0o020_644]), DENIED);
    assert_eq!(answer(Profile::Default, "mknod", &[0, 0o010_644]), ALLOW);
}

#[test]
fn no_clone_into_a_namespace() {
    const THREAD: u64 = 0x003D_0F00;
    for flag in [0x2_0000u64, 0x0200_0000, 0x0400_0000, 0x0800_0000, 0x1000_0000, 0x2000_0000, 0x4000_0000] {
        for flags in [flag, flag | 17, flag | THREAD] {
            assert_eq!(answer(Profile::Default, "clone", &[flags]), DENIED, "{flags:x}");
            assert_eq!(answer(Profile::Strict, "clone", &[flags]), DENIED, "{flags:x}");
            assert_eq!(answer(Profile::Build, "clone", &[flags]), ALLOW, "{flags:x}");
        }
    }
    for flags in [17, THREAD, 0x4111 /* vfork */, 0x0120_0011 /* fork */] {
        assert_eq!(answer(Profile::Default, "clone", &[flags]), ALLOW, "{flags:x}");
    }
}

#[test]
fn no_typing_into_the_terminal() {
    for profile in PROFILES {
        for request in [0x5412, 0x541C, 0x5423] {
            assert_eq!(answer(profile, "ioctl", &[0, request]), DENIED, "{request:x}");
        }
        for request in [0x5401, 0x5411, 0x5413, 0x5421, 0x8910] {
            assert_eq!(answer(profile, "ioctl", &[0, request]), ALLOW, "{request:x}");
        }
    }
}

#[test]
fn sockets_by_family_and_protocol() {
    let socket = |family, kind, protocol| answer(Profile::Default, "socket", &[family, kind, protocol]);
    for (family, kind, protocol) in
        [(1, 1, 0), (1, 5, 1), (2, 0x8_0001, 6), (2, 2, 17), (10, 1, 0), (2, 2, 1), (16, 3, 0)]
    {
        assert_eq!(socket(family, kind, protocol), ALLOW, "{family} {kind} {protocol}");
    }
    for family in (0..=60).filter(|family| ![1, 2, 10, 16].contains(family)) {
        assert_eq!(socket(family, 1, 0), NO_FAMILY, "{family}");
    }
    for protocol in 1..=30 {
        assert_eq!(socket(16, 3, protocol), NO_PROTOCOL, "netlink {protocol}");
    }
    for protocol in [33, 47, 50, 115, 132, 136, 255, 262] {
        assert_eq!(socket(2, 1, protocol), NO_PROTOCOL, "inet {protocol}");
        assert_eq!(socket(10, 1, protocol), NO_PROTOCOL, "inet6 {protocol}");
    }
    assert_eq!(socket(2, 10, 0), NO_FAMILY, "SOCK_PACKET");
    assert_eq!(socket(2, 0x8_080A, 0x300), NO_FAMILY, "SOCK_PACKET with flags");
    assert_eq!(answer(Profile::Default, "socketpair", &[1, 1, 0]), ALLOW);
    assert_eq!(answer(Profile::Default, "socketpair", &[30, 1, 0]), NO_FAMILY);
}

#[test]
fn personalities() {
    for persona in [0, 0x8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF] {
        assert_eq!(answer(Profile::Default, "personality", &[persona]), ALLOW, "{persona:x}");
    }
    for persona in
        [0x4_0000 /* ADDR_NO_RANDOMIZE */, 0x40_0000 /* READ_IMPLIES_EXEC */, 0x40_0008, 1, 0xFFFF_FFFE]
    {
        assert_eq!(answer(Profile::Default, "personality", &[persona]), DENIED, "{persona:x}");
        assert_eq!(answer(Profile::Build, "personality", &[persona]), ALLOW, "{persona:x}");
    }
}

#[test]
fn limits_of_others_and_leases() {
    for profile in PROFILES {
        for (name, args, verdict) in [
            ("prlimit64", [0, 7], ALLOW),
            ("prlimit64", [1, 0], DENIED),
            ("fcntl", [3, 2], ALLOW),
            ("fcntl", [3, 1024], DENIED),
            ("fcntl", [3, 1030], ALLOW),
        ] {
            assert_eq!(answer(profile, name, &args), verdict, "{name} {args:?}");
        }
    }
    for name in ["setxattr", "lsetxattr", "fsetxattr"] {
        assert_eq!(answer(Profile::Default, name, &[]), ALLOW);
        assert_eq!(answer(Profile::Build, name, &[]), errno(95));
    }
}

#[test]
fn no_set_id_bits_are_given() {
    for profile in PROFILES {
        for (mode, verdict) in [(0o644, ALLOW), (0o1777, ALLOW), (0o4755, DENIED), (0o2755, DENIED), (0o6000, DENIED)] {
            assert_eq!(answer(profile, "fchmod", &[3, mode]), verdict, "{mode:o}");
            assert_eq!(answer(profile, "fchmodat", &[3, 0, mode]), verdict, "{mode:o}");
            assert_eq!(answer(profile, "fchmodat2", &[3, 0, mode, 0]), verdict, "{mode:o}");
        }
    }
}

#[test]
fn devices_are_not_made() {
    for (mode, expected) in [(0o644, ALLOW), (0o100_644, ALLOW), (0o010_600, ALLOW), (0o140_755, ALLOW)] {
        assert_eq!(answer(Profile::Default, "mknodat", &[0, 0, mode]), expected, "{mode:o}");
    }
    for mode in [0o020_000, 0o020_666, 0o060_000, 0o066_777, 0xFFFF_0000 | 0o020_666] {
        assert_eq!(PROFILES.map(|profile| answer(profile, "mknodat", &[0, 0, mode])), [DENIED; 3], "{mode:o}");
    }
}

#[test]
fn strict_memory_files_cannot_be_executed() {
    for flags in [0, 1, 0x10, 0x13] {
        assert_eq!(PROFILES.map(|p| answer(p, "memfd_create", &[0, flags])), [ALLOW, DENIED, ALLOW], "{flags:x}");
    }
    for flags in [0x8, 0x9, 0xB] {
        assert_eq!(PROFILES.map(|p| answer(p, "memfd_create", &[0, flags])), [ALLOW; 3], "{flags:x}");
    }
}
