# Descriptors that a program left open by mistake: 7 is a directory of the host with a secret in it, 8 is the secret.
def climb():
    os.fchdir(7)
    return contains("secret")


attempt("read", lambda: os.read(8, 1))
attempt("openat", lambda: os.open("secret", os.O_RDONLY, dir_fd=7))
attempt("fchdir", climb)
attempt("by /proc", lambda: contains("/proc/self/fd/7/secret"))
ours = os.open("/proc/self/fd", os.O_RDONLY)
for fd in os.listdir(ours):
    if int(fd) > 2 and int(fd) != ours:
        attempt("any", lambda: fd + " -> " + os.readlink(f"/proc/self/fd/{fd}"))
# Those of pid 1, which holds what the jail is made with.
if not CONTROL:
    attempt("of init", lambda: os.listdir("/proc/1/fd"))
held("any")
