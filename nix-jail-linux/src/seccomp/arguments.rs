//! Questions about the arguments of a system call, as data.
//!
//! A filter sees an argument as 64 bits, but the kernel takes an `int` from a register by dropping the upper half: a
//! filter that compares all 64 passes `TIOCSTI | 1 << 32` (CVE-2019-10063). So every question here is about the low 32
//! bits, and is asked only of parameters that the kernel truncates to 32 bits or fewer. What is behind a pointer is never
//! asked about: another thread can change it between the question and the call.

use super::{EAFNOSUPPORT, EPERM, EPROTONOSUPPORT, Verdict};

/// Is the low half of argument `arg`, under `mask`, one of `values`?
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Question {
    /// Which argument, 0 to 5.
    pub(super) arg: u8,
    /// Bits that count.
    pub(super) mask: u32,
    pub(super) values: &'static [u32],
    /// What becomes of the call if so.
    pub(super) yes: Verdict,
    /// What becomes of it if not.
    pub(super) no: Verdict,
}

/// All bits.
const ALL: u32 = u32::MAX;

/// clone(2): the `CLONE_NEW*` flags but CLONE_NEWTIME, whose bit is part of the exit signal here. The kernel truncates
/// the flags (`lower_32_bits`).
pub(super) const NO_NAMESPACE: Question =
    Question { arg: 0, mask: CLONE_NEW, values: &[0], yes: Verdict::Allow, no: Verdict::Errno(EPERM) };

/// CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET.
const CLONE_NEW: u32 = 0x0002_0000 | 0x0200_0000 | 0x0400_0000 | 0x0800_0000 | 0x1000_0000 | 0x2000_0000 | 0x4000_0000;

/// TIOCSTI(2const), TIOCLINUX(2const): both type into a terminal as if its user did. TIOCSETD loads the module of a line
/// discipline (n_gsm, n_hdlc: used for breaking out more than for lines). The request is an `unsigned int`.
pub(super) const NO_TERMINAL_INPUT: Question =
    Question { arg: 1, mask: ALL, values: &[0x5412, 0x541C, 0x5423], yes: Verdict::Errno(EPERM), no: Verdict::Allow };

/// mknod(2): S_IFCHR and S_IFBLK. The mode is 16 bits wide.
pub(super) const NO_DEVICE_MKNOD: Question =
    Question { arg: 1, mask: 0xF000, values: &[0x2000, 0x6000], yes: Verdict::Errno(EPERM), no: Verdict::Allow };

/// mknodat(2), as [`NO_DEVICE_MKNOD`].
pub(super) const NO_DEVICE_MKNODAT: Question = Question { arg: 2, ..NO_DEVICE_MKNOD };

/// chmod(2), fchmod(2): no S_ISUID and S_ISGID. Mounts are nosuid inside, but a file in a directory of the host would keep
/// the bit there, and lend its owner's rights to whoever runs it later. (Created with the bit, a file loses it at the first
/// byte; what is written to a mapping needs a size first.) The mode is 16 bits wide.
pub(super) const NO_SET_ID: Question =
    Question { arg: 1, mask: 0o6000, values: &[0], yes: Verdict::Allow, no: Verdict::Errno(EPERM) };

/// fchmodat(2), fchmodat2(2), as [`NO_SET_ID`].
pub(super) const NO_SET_ID_AT: Question = Question { arg: 2, ..NO_SET_ID };

/// prlimit(2): pid 0, the caller itself.
pub(super) const OWN_LIMITS: Question =
    Question { arg: 0, mask: ALL, values: &[0], yes: Verdict::Allow, no: Verdict::Errno(EPERM) };

/// fcntl(2): not F_SETLEASE. The command is an `unsigned int`.
pub(super) const NO_LEASE: Question =
    Question { arg: 1, mask: ALL, values: &[1024], yes: Verdict::Errno(EPERM), no: Verdict::Allow };

/// personality(2): PER_LINUX, PER_LINUX32, UNAME26, both, and 0xffffffff, which only asks. Docker's list.
pub(super) const HARMLESS_PERSONALITY: Question = Question {
    arg: 0,
    mask: ALL,
    values: &[0, 0x8, 0x2_0000, 0x2_0008, 0xFFFF_FFFF],
    yes: Verdict::Allow,
    no: Verdict::Errno(EPERM),
};

/// memfd_create(2): MFD_NOEXEC_SEAL.
pub(super) const NOEXEC_SEAL: Question =
    Question { arg: 1, mask: 0x8, values: &[0], yes: Verdict::Errno(EPERM), no: Verdict::Allow };

const AF_UNIX: u32 = 1;
const AF_INET: u32 = 2;
const AF_INET6: u32 = 10;
const AF_NETLINK: u32 = 16;

/// socket(2). A family or protocol that is refused is refused with the errno of a kernel that was built without it, for
/// which programs are prepared: curl and OpenSSL probe AF_ALG, Go probes MPTCP, and libaudit (in `useradd`, `sshd`,
/// `sudo`) takes EPROTONOSUPPORT for "no audit here" where it stops at EPERM.
pub(super) const KNOWN_FAMILY: Question =
    Question { arg: 0, mask: ALL, values: &[AF_UNIX], yes: Verdict::Allow, no: Verdict::Ask(&INET_FAMILY) };

const INET_FAMILY: Question = Question {
    arg: 0,
    mask: ALL,
    values: &[AF_INET, AF_INET6],
    yes: Verdict::Ask(&NO_PACKET_ALIAS),
    no: Verdict::Ask(&NETLINK_FAMILY),
};

/// SOCK_PACKET under AF_INET is another name for AF_PACKET (packet(7)); the upper bits of the type are flags.
const NO_PACKET_ALIAS: Question =
    Question { arg: 1, mask: 0xF, values: &[10], yes: Verdict::Errno(EAFNOSUPPORT), no: Verdict::Ask(&INET_PROTOCOL) };

/// The type's own protocol, ICMP (which the kernel refuses while `ping_group_range` is empty, see icmp(7)), TCP, UDP,
/// ICMPv6. Not SCTP, DCCP, L2TP, MPTCP: each would load its module, and no ordinary program needs one.
const INET_PROTOCOL: Question = Question {
    arg: 2,
    mask: ALL,
    values: &[0, 1, 6, 17, 58],
    yes: Verdict::Allow,
    no: Verdict::Errno(EPROTONOSUPPORT),
};

const NETLINK_FAMILY: Question = Question {
    arg: 0,
    mask: ALL,
    values: &[AF_NETLINK],
    yes: Verdict::Ask(&NETLINK_ROUTE),
    no: Verdict::Errno(EAFNOSUPPORT),
};

/// NETLINK_ROUTE, with which `getifaddrs` lists addresses; to change any takes a capability. Not XFRM (IPsec),
/// NETFILTER, AUDIT, KOBJECT_UEVENT or the generic one.
const NETLINK_ROUTE: Question =
    Question { arg: 2, mask: ALL, values: &[0], yes: Verdict::Allow, no: Verdict::Errno(EPROTONOSUPPORT) };

/// socketpair(2).
pub(super) const UNIX_PAIR: Question =
    Question { arg: 0, mask: ALL, values: &[AF_UNIX], yes: Verdict::Allow, no: Verdict::Errno(EAFNOSUPPORT) };
