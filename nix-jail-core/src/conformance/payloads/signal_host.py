# VICTIM is a process of the host that does nothing.
import ctypes

victim = int(os.environ["VICTIM"])


def ptrace(request):
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(ctypes.c_long(request), victim, None, None) < 0:
        raise OSError(ctypes.get_errno(), "ptrace")
    return True


def traced():
    ptrace(0x4206)  # PTRACE_SEIZE, which does not stop it.
    return True


attempt("see", lambda: contains(f"/proc/{victim}/cmdline", os.environ["VICTIM_NAME"].encode()))
attempt("signal", lambda: os.kill(victim, 0) is None)
attempt("renice", lambda: os.setpriority(os.PRIO_PROCESS, victim, os.getpriority(os.PRIO_PROCESS, victim)) is None)
attempt("limits", lambda: __import__("resource").prlimit(victim, 7))
attempt("affinity", lambda: os.sched_setaffinity(victim, os.sched_getaffinity(victim)) is None)
attempt("trace", traced)
for pid in filter(str.isdigit, os.listdir("/proc")):
    # Nobody of the host: every process in view is a descendant of pid 1 of the jail, and there are few of them.
    attempt("crowd", lambda: int(pid) > 100 and pid)
