# Makes (or takes away) the objects that sysv_ipc.py looks for, on the host.
import ctypes

libc = ctypes.CDLL(None, use_errno=True)
key = int(os.environ["KEY"])
ids = libc.shmget(key, 4096, 0o1600), libc.msgget(key, 0o1600), libc.semget(key, 1, 0o1600)
if "REMOVE" in os.environ:
    libc.shmctl(ids[0], 0, None), libc.msgctl(ids[1], 0, None), libc.semctl(ids[2], 0, 0)
if min(ids) < 0:
    sys.exit(1)
