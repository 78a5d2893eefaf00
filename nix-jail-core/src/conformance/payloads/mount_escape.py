# Changes to what is mounted. Outside, in a mount namespace of its own, and only below a directory made for it.
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
RDONLY, REMOUNT, BIND, MOVE, REC, SHARED, DETACH = 1, 32, 4096, 8192, 16384, 1 << 20, 2
spot = os.environ["SPOT"] if CONTROL else "/tmp/spot"
place, source = spot + "/place", spot + "/source"
for path in (place, source, place + "2"):
    os.makedirs(path, exist_ok=True)


def call(function, *args):
    args = [arg.encode() if isinstance(arg, str) else arg for arg in args]
    if function(*args) < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return args


def mount(what, where, kind, flags):
    return call(libc.mount, what, where, kind, ctypes.c_ulong(flags), None)


attempt("tmpfs", lambda: mount("none", place, "tmpfs", 0))
attempt("bind", lambda: mount(source, place, None, BIND))
attempt("bind of the root", lambda: mount("/", place, None, BIND | REC))
attempt("proc", lambda: mount("proc", place + "2", "proc", 0))
for target in [place] if CONTROL else ["/", "/usr", "/etc/passwd", "/proc", "/tmp", "/workspace"]:
    attempt("remount", lambda: mount(None, target, None, REMOUNT | BIND))
    attempt("propagation", lambda: mount(None, target, None, SHARED))
for target in [place] if CONTROL else ["/proc/kcore", "/proc/keys", "/proc", "/usr", "/tmp", "/workspace", "/dev", "/"]:
    attempt("unmount", lambda: call(libc.umount2, target, DETACH))
# Last: after it, nothing outside is where it was.
os.chdir(place)
if CONTROL:
    mount("none", place, "tmpfs", 0)
    os.chdir(place)
attempt("pivot_root", lambda: call(libc.syscall, {"x86_64": 155, "aarch64": 41}[os.uname().machine], ".", "."))
