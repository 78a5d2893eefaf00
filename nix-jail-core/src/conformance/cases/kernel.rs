//! What a job may ask of the kernel.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt;

use super::files::workspace;
use super::{Case, Control, Payload};
use crate::Feature;
use crate::conformance::{Bench, Trouble, native};

/// Calls that fail by a filter, in a namespace of its own where there is none.
const CALLS: Case = Case {
    feature: Feature::SyscallFilter,
    attack: Payload::Python(include_str!("../payloads/syscalls.py")),
    control: Control::Privileged,
    ..Case::PYTHON
};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "syscalls-denied",
        plant: |bench| {
            bench.tell(
                "CALLS",
                "open_by_handle_at mount umount2 pivot_root fsopen fsconfig fsmount open_tree move_mount mount_setattr \
                 setns unshare clone keyctl add_key request_key bpf perf_event_open io_uring_setup io_uring_enter \
                 io_uring_register userfaultfd kexec_load kexec_file_load init_module finit_module delete_module swapon \
                 acct quotactl sethostname settimeofday clock_settime syslog iopl ioperm",
            );
            Ok(())
        },
        ..CALLS
    },
    Case {
        name: "syscalls-of-others",
        plant: |bench| {
            bench.tell("CALLS", "ptrace process_vm_readv process_vm_writev kcmp pidfd_getfd");
            Ok(())
        },
        ..CALLS
    },
    Case {
        name: "syscalls-of-old",
        plant: |bench| {
            bench.tell("CALLS", "name_to_handle_at personality modify_ldt lookup_dcookie uselib ustat sysfs");
            Ok(())
        },
        ..CALLS
    },
    Case {
        name: "socket-families",
        // Family, type, protocol.
        plant: |bench| {
            bench.tell(
                "SOCKETS",
                "packet,17,3,768 packet-dgram,17,2,768 vsock,40,1,0 alg,38,5,0 key,15,3,2 rxrpc,33,2,2 tipc,30,1,0 \
                 bluetooth,31,3,0 can,29,3,1 xdp,44,3,0 nfc,39,5,0 appletalk,5,2,0 x25,9,5,0 rds,21,5,0 kcm,41,5,0 \
                 smc,43,1,0 qipcrtr,42,2,0 pppox,24,2,0 llc,26,2,0 raw-icmp,2,3,1 raw-ipv6,10,3,58 \
                 netlink-audit,16,3,9 netlink-netfilter,16,3,12 netlink-xfrm,16,3,6 netlink-uevent,16,3,15 \
                 netlink-generic,16,3,16 netlink-diag,16,3,4",
            );
            Ok(())
        },
        ..CALLS
    },
    Case {
        name: "foreign-abi",
        feature: Feature::SyscallFilter,
        attack: Payload::Python(include_str!("../payloads/foreign_abi.py")),
        ..Case::PYTHON
    },
    Case {
        name: "setuid",
        feature: Feature::NoNewPrivileges,
        plant: plant_set_user_id,
        attack: Payload::Python(include_str!("../payloads/setuid.py")),
        grant: workspace,
        ..Case::PYTHON
    },
];

/// A program that makes whoever runs it root, where the caller can make one.
fn plant_set_user_id(bench: &mut Bench) -> Result<(), Trouble> {
    let Some(id) = native::find("id").filter(|_| rustix::process::geteuid().is_root()) else { return Ok(()) };
    let copy = bench.work().join("id");
    fs::copy(id, &copy)?;
    fs::set_permissions(copy, Permissions::from_mode(0o4755))?;
    // For the control, somebody else must get at it.
    fs::set_permissions(bench.dir(), Permissions::from_mode(0o711))?;
    Ok(())
}
