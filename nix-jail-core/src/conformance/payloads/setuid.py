# Ways to more rights than a job has.
import ctypes, subprocess

libc = ctypes.CDLL(None, use_errno=True)
PR_SET_NO_NEW_PRIVS, PR_CAP_AMBIENT, PR_SET_SECUREBITS, PR_CAPBSET_DROP = 38, 47, 28, 24


def prctl(*args):
    if libc.prctl(*map(ctypes.c_ulong, args)) < 0:
        raise OSError(ctypes.get_errno(), "prctl")
    return True


status = dict(line.rstrip("\n").split(":\t", 1) for line in open("/proc/self/status") if ":\t" in line)
attempt("no_new_privs", lambda: status["NoNewPrivs"].strip() != "1" and status["NoNewPrivs"])
for kind in ("CapInh", "CapPrm", "CapEff", "CapAmb"):
    attempt(kind, lambda: int(status[kind], 16) and status[kind])
attempt("uid 0", lambda: os.getuid() == 0 or os.geteuid() == 0)
attempt("groups", lambda: 0 in os.getgroups() + [os.getgid()])
attempt("nosuid", lambda: not os.statvfs("/usr").f_flag & os.ST_NOSUID)
attempt("ambient", lambda: prctl(PR_CAP_AMBIENT, 2, 21, 0, 0))
attempt("bounding set", lambda: prctl(PR_CAPBSET_DROP, 21, 0, 0, 0))
attempt("secure bits", lambda: prctl(PR_SET_SECUREBITS, 0, 0, 0, 0))
attempt("setgroups", lambda: os.setgroups([]) is None)
attempt("setuid", lambda: os.setresuid(0, 0, 0) is None)
attempt("chown", lambda: os.close(os.open("/tmp/own", os.O_CREAT)) or os.chown("/tmp/own", 1, 1) or True)
if os.path.lexists("/tmp/own"):
    os.unlink("/tmp/own")
# A set-user-id copy of `id` that belongs to root, where the caller could plant one. Outside, as somebody else.
binary = "./id" if CONTROL else "/workspace/id"
if os.path.exists(binary):
    if CONTROL:
        os.setgid(65534)
        os.setuid(65534)
    attempt("set-user-id", lambda: subprocess.run([binary, "-u"], capture_output=True).stdout == b"0\n")
    attempt("of the host", lambda: CONTROL or subprocess.run(["su", "-c", "true"], input=b"").returncode == 0)
