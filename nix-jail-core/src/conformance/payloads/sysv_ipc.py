# A shared memory segment and a message queue of the host, by their keys.
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
key = int(os.environ["KEY"])


def get(function, *args):
    found = function(key, *args)
    if found < 0:
        raise OSError(ctypes.get_errno(), "no such object")
    return f"id {found}"


attempt("shared memory", lambda: get(libc.shmget, 0, 0))
attempt("message queue", lambda: get(libc.msgget, 0))
attempt("semaphores", lambda: get(libc.semget, 0, 0))
attempt("list", lambda: len(open("/proc/sysvipc/shm").readlines()) > 1)
