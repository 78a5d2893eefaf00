//! What is encoded is what the helper reads, and no bytes make it stumble.
use super::wire::{Report, Request, Socket, Usage};
use super::*;
use std::os::unix::ffi::OsStrExt;

fn sample() -> Plan {
    let bind = Bind {
        source: "/home/x y".into(),
        target: "/workspace".into(),
        identity: Some((0x1234_5678_9abc, u64::MAX)),
        idmap: Some((1000, 100)),
        optional: true,
        ..Bind::default()
    };
    let device = Bind { source: "/dev/null".into(), target: "/dev/null".into(), device: true, ..Bind::default() };
    Plan {
        identity: Identity { uid: 1000, gid: 1001, host_uid: 70_000, host_gid: 70_001, privileged: true },
        hostname: "jail".into(),
        private_network: true,
        limits: Limits { wall_ns: 1, cpu_ns: 2, output_bytes: 3 },
        memory_bytes: 4,
        memory_inodes: 5,
        ops: vec![
            Op::Dir { path: "/dev".into(), mode: 0o755 },
            Op::File { path: "/etc/passwd".into(), mode: 0o644, data: b"a\0b"[..].into() },
            Op::Link { path: "/bin".into(), target: "usr/bin".into() },
            Op::Bind(bind),
            Op::Bind(device),
            Op::Tmpfs { target: "/t".into(), mode: 0o1777, bytes: 6, inodes: 7, writable: true, exec: false },
            Op::Scratch { target: "/tmp".into(), mode: 0o1777, name: "tmp".into(), exec: true },
            Op::Proc { target: "/proc".into() },
            Op::Devpts { target: "/dev/pts".into() },
            Op::Mask { target: "/proc/kcore".into() },
        ],
        landlock: Some(Landlock { handled_fs: 8, handled_net: 9, scoped: 10, rules: vec![("/".into(), 11)] }),
        seccomp: vec![1; 16],
        rlimits: vec![Rlimit { resource: 7, soft: 12, hard: u64::MAX }],
        umask: 0o022,
        mdwe: true,
        terminal: true,
        exact_cpu: true,
        command: program(),
    }
}

fn program() -> Command {
    Command {
        cwd: "/workspace".into(),
        candidates: vec!["/usr/bin/x".into(), "/bin/x".into()],
        argv: vec!["x".into(), OsString::new(), "\u{1b}[31m $(x) %s\n".into()],
        envp: vec!["A=b".into()],
    }
}

#[test]
fn a_plan_arrives_as_it_was_sent() {
    let bytes = sample().encode().expect("a good plan");
    let plan = decode::Plan::decode(&bytes).expect("the helper's reader");
    assert_eq!(
        plan.flags,
        decode::PRIVILEGED | decode::PRIVATE_NET | decode::MDWE | decode::TERMINAL | decode::EXACT_CPU
    );
    assert_eq!((plan.uid_map, plan.gid_map), (&b"1000 70000 1\n"[..], &b"1001 70001 1\n"[..]));
    assert_eq!([plan.uid, plan.gid, plan.host_uid, plan.host_gid, plan.umask], [1000, 1001, 70_000, 70_001, 0o022]);
    assert_eq!([plan.wall_ns, plan.cpu_ns, plan.output, plan.bytes, plan.inodes], [1, 2, 3, 4, 5]);
    assert_eq!((plan.hostname, plan.seccomp), (&b"jail"[..], &[1; 16][..]));
    let limits: Vec<_> = plan.rlimits.collect();
    assert_eq!(limits, [decode::Rlimit { resource: 7, soft: 12, hard: u64::MAX }]);
    let landlock = plan.landlock.expect("rules");
    assert_eq!([landlock.handled_fs, landlock.handled_net, landlock.scoped], [8, 9, 10]);
    assert_eq!(landlock.rules.collect::<Vec<_>>(), [decode::Rule { path: c"/", access: 11 }]);
    same_command(plan.command);
    let ops: Vec<_> = plan.ops.collect();
    assert_eq!(ops.len(), 10);
    assert_eq!(ops[1], ops::Op::File { path: c"/etc/passwd", mode: 0o644, data: b"a\0b" });
    assert_eq!(ops[2], ops::Op::Link { path: c"/bin", target: c"usr/bin" });
    let flags = ops::RDONLY | ops::NOEXEC | ops::OUTER | ops::IDMAP | ops::OPTIONAL | ops::IDENTITY;
    let (dev, ino) = (0x1234_5678_9abc, u64::MAX);
    let bind = ops::Bind { source: c"/home/x y", target: c"/workspace", flags, dev, ino, uid: 1000, gid: 100 };
    assert_eq!(ops[3], ops::Op::Bind(bind));
    let (mode, flags, bytes, inodes) = (0o1777, ops::NOEXEC, 6, 7);
    assert_eq!(ops[5], ops::Op::Tmpfs { target: c"/t", mode, flags, bytes, inodes });
    assert_eq!(ops[6], ops::Op::Scratch { target: c"/tmp", mode, flags: 0, name: c"tmp" });
    assert_eq!(ops[9], ops::Op::Mask { target: c"/proc/kcore" });
}

#[test]
fn a_further_program_arrives_as_it_was_sent() {
    let bytes = program().encode().expect("a good command");
    same_command(decode::Command::decode(&bytes).expect("the helper's reader"));
    assert!(decode::Plan::decode(&bytes).is_err(), "a command is no plan");
}

fn same_command(read: decode::Command<'_>) {
    let sent = program();
    assert_eq!(read.cwd.to_bytes(), sent.cwd.as_os_str().as_bytes());
    let bytes = |list: read::List<'_, &std::ffi::CStr>| list.map(|text| text.to_bytes().to_vec()).collect::<Vec<_>>();
    let os = |list: &[OsString]| list.iter().map(|text| text.as_bytes().to_vec()).collect::<Vec<_>>();
    assert_eq!(bytes(read.argv), os(&sent.argv));
    assert_eq!(bytes(read.envp), os(&sent.envp));
    assert_eq!(bytes(read.candidates), [b"/usr/bin/x".to_vec(), b"/bin/x".to_vec()]);
}

#[test]
fn what_cannot_be_said_is_an_error_that_names_the_field() {
    let field = |change: fn(&mut Plan)| {
        let mut plan = sample();
        change(&mut plan);
        plan.encode().expect_err("not a plan").field
    };
    assert_eq!(field(|plan| plan.command.argv.push("a\0b".into())), "argv[3]");
    assert_eq!(field(|plan| plan.command.envp[0] = "A=\0".into()), "envp[0]");
    assert_eq!(field(|plan| plan.command.cwd = "here".into()), "cwd");
    assert_eq!(field(|plan| plan.hostname = "a\0".into()), "hostname");
    assert_eq!(field(|plan| plan.ops[0] = Op::Proc { target: "/a/../b".into() }), "ops[0].target");
    assert_eq!(field(|plan| plan.ops[0] = Op::Dir { path: "/".into(), mode: 0o755 }), "ops[0].path");
    assert_eq!(field(|plan| plan.ops[3] = Op::Bind(Bind { target: "/t".into(), ..Bind::default() })), "ops[3].source");
    let long = "/x".repeat(3000);
    let bind = Bind { source: long.into(), target: "/t".into(), ..Bind::default() };
    let mut plan = sample();
    plan.ops.push(Op::Bind(bind));
    assert_eq!(plan.encode().expect_err("too long").field, "ops[10].source");
}

#[test]
fn what_an_ordinary_embedder_may_not_ask_is_refused() {
    let mut plan = sample();
    plan.identity.privileged = false;
    assert!(plan.encode().is_err(), "an OUTER bind needs a privileged plan");
    let mut plan = sample();
    plan.ops[0] = Op::Dir { path: "/dev".into(), mode: 0o4755 };
    assert!(plan.encode().is_err(), "set-id bits");
    let mut plan = sample();
    plan.command.argv.clear();
    assert!(plan.encode().is_err(), "no argv[0]");
}

/// The same numbers on every run and every machine (splitmix64).
struct Numbers(u64);

impl Numbers {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

/// Reads everything that a plan holds, as the helper does.
fn read_all(bytes: &[u8]) -> bool {
    if let Ok(command) = decode::Command::decode(bytes) {
        let _ = command.argv.chain(command.envp).map(|text| text.count_bytes()).sum::<usize>();
    }
    let Ok(plan) = decode::Plan::decode(bytes) else { return false };
    let (ops, strings) = (plan.ops.len(), plan.command.argv.len() + plan.command.envp.len());
    assert_eq!(plan.ops.count(), ops, "every item that was checked can be read");
    assert_eq!(plan.command.argv.chain(plan.command.envp).count(), strings);
    assert!(plan.landlock.is_none_or(|landlock| landlock.rules.len() == landlock.rules.count()));
    true
}

#[test]
fn no_bytes_make_the_reader_panic() {
    let good = sample().encode().expect("a good plan");
    for end in 0..good.len() {
        assert!(!read_all(&good[..end]), "cut at {end}");
    }
    let mut numbers = Numbers(1);
    let mut accepted = 0;
    for _ in 0..100_000 {
        let mut bytes = good.clone();
        for _ in 0..=numbers.below(4) {
            let at = numbers.below(bytes.len());
            match numbers.below(5) {
                0 => bytes[at] = numbers.next() as u8,
                1 => bytes[at] ^= 1 << numbers.below(8),
                2 => drop(bytes.drain(at..(at + numbers.below(9)).min(bytes.len()))),
                3 => drop(bytes.splice(at..at, numbers.next().to_le_bytes())),
                _ => {
                    let extreme = [0u32, 1, 0x7fff_ffff, u32::MAX][numbers.below(4)].to_le_bytes();
                    bytes.iter_mut().skip(at).zip(extreme).for_each(|(byte, new)| *byte = new);
                }
            }
        }
        accepted += u32::from(read_all(&bytes));
    }
    // Most numbers and texts of a plan may be others: were nothing accepted, this would test nothing.
    assert!((1000..60_000).contains(&accepted), "{accepted} of 100000 accepted");
}

#[test]
fn messages_arrive_as_they_were_sent() {
    let address = std::array::from_fn(|at| at as u8);
    let sockets = [
        Socket::TcpListener { v6: true, address, port: 65535 },
        Socket::TcpListener { v6: false, address, port: 1 },
        Socket::Tcp { v6: true },
        Socket::Tcp { v6: false },
        Socket::Udp { v6: true, address, port: 53 },
        Socket::Udp { v6: false, address, port: 53 },
        Socket::Netlink { protocol: 12 },
    ];
    let simple = [Request::Release, Request::Kill, Request::Freeze, Request::Thaw, Request::Usage { id: u32::MAX }];
    let more = [Request::Start { stdio: 7 }, Request::Exec { stdio: 1 }, Request::Signal { signal: 9, group: true }];
    let asked = sockets.map(|what| Request::Socket { id: 7, what });
    for request in simple.into_iter().chain(more).chain(asked) {
        assert_eq!(Request::decode(&request.encode()), Some(request));
    }
    let usage = Usage { wall_ns: u64::MAX, cpu_ns: 1 << 40, peak_bytes: 3 };
    let reports = [
        Report::Held,
        Report::Refused { step: 1, index: 2, errno: -3 },
        Report::Started { pid: 2 },
        Report::ExecFailed { kind: 1, errno: 2, candidate: 3 },
        Report::Exit { code: 1, signal: 2, reason: 3, usage },
        Report::Socket { id: 1, errno: 98 },
        Report::Usage { id: 1, usage },
    ];
    for report in reports {
        assert_eq!(Report::decode(&report.encode()), Some(report));
    }
    let mut numbers = Numbers(2);
    for _ in 0..100_000 {
        let length = numbers.below(2 * wire::SIZE);
        let bytes: Vec<u8> = std::iter::repeat_with(|| numbers.next() as u8 % 12).take(length).collect();
        let _ = (Request::decode(&bytes), Report::decode(&bytes));
    }
}
