# Ways to the host through /proc, /sys and /dev. What opens for writing is not written to.
import stat

secret = os.environ["SECRETS"].split(":")[0]
UP = "/.." * 32


def opens(path, flags):
    fd = os.open(path, flags | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC)
    try:
        meta = os.fstat(fd)
        if stat.S_ISCHR(meta.st_mode) and meta.st_rdev == os.makedev(1, 3):
            return False  # Covered by /dev/null.
        if flags == os.O_RDONLY and stat.S_ISREG(meta.st_mode):
            return os.read(fd, 64) and path  # Covered by an empty file, if it is empty.
        return path
    finally:
        os.close(fd)


for pid in ["self"] + [pid for pid in os.listdir("/proc") if pid.isdigit()]:
    for link in ("root", "cwd"):
        attempt(link, lambda: contains(f"/proc/{pid}/{link}{secret}"))
        attempt(link, lambda: contains(f"/proc/{pid}/{link}{UP}{secret}"))
    try:
        fds = os.listdir(f"/proc/{pid}/fd")
    except OSError:
        continue
    for fd in fds:
        attempt("fd", lambda: contains(f"/proc/{pid}/fd/{fd}{UP}{secret}"))
attempt("init in view", lambda: os.path.exists("/proc/1/status"))
attempt("init's program", lambda: os.readlink("/proc/1/exe"))
attempt("init's memory", lambda: opens("/proc/1/mem", os.O_RDONLY))
attempt("init's maps", lambda: opens("/proc/1/maps", os.O_RDONLY))

READ = """/proc/kcore /proc/keys /proc/key-users /proc/kmsg /proc/kallsyms /proc/timer_list /proc/sched_debug
    /dev/mem /dev/port /dev/kmsg /dev/kvm /dev/loop-control /dev/fuse /dev/net/tun /dev/vhost-vsock
    /dev/uinput /dev/snd /dev/dri /dev/hpet /dev/nvram /dev/rtc0 /dev/tty1 /dev/console /dev/vda /dev/sda /dev/loop0"""
for path in READ.split():
    if path == "/proc/kallsyms":
        # Anybody may read it; its addresses are zero for those who may not have them.
        attempt(path, lambda: any(not line.startswith("0000000000000000") for line in open(path)))
    else:
        attempt(path, lambda: opens(path, os.O_RDONLY))
WRITE = """/proc/sysrq-trigger /proc/sys/kernel/core_pattern /proc/sys/kernel/modprobe /proc/sys/kernel/hostname
    /proc/sys/kernel/shmmax /proc/sys/vm/drop_caches /proc/sys/fs/binfmt_misc/register /proc/sys/net/ipv4/ip_forward
    /proc/sys/net/ipv4/ip_unprivileged_port_start /proc/sys/user/max_user_namespaces /proc/1/oom_score_adj
    /proc/irq/default_smp_affinity /proc/mtrr /proc/scsi/scsi /proc/acpi/wakeup /proc/fs/jbd2 /sys/kernel/uevent_helper
    /sys/fs/cgroup/cgroup.procs /sys/power/state"""
for path in WRITE.split():
    attempt(path, lambda: opens(path, os.O_WRONLY))
attempt("/sys", lambda: " ".join(os.listdir("/sys")))
for name in os.listdir("/dev"):
    kind = os.stat(f"/dev/{name}").st_mode if os.path.exists(f"/dev/{name}") else 0
    if stat.S_ISBLK(kind):
        attempt("block devices", lambda: opens(f"/dev/{name}", os.O_RDONLY))
