# The old way out of a chroot: a second chroot with the working directory left above it. Outside, the wall is a plain
# chroot, which this breaks.
secret = os.environ["SECRETS"].split(":")[0]
cage = os.environ["CAGE"] if CONTROL else "/tmp/cage"
os.makedirs(cage + "/inner")
top = os.open("/", os.O_RDONLY)
if CONTROL:
    os.chroot(cage)
    os.chdir("/")
    inner = "/inner"
else:
    inner = cage + "/inner"


def out(by):
    by()
    for _ in range(64):
        os.chdir("..")
    return os.path.exists(secret.lstrip("/"))


attempt("chdir", lambda: out(lambda: os.chdir(".")) and not CONTROL)
attempt("chroot", lambda: os.chroot(inner) or "chroot works")
attempt("fchdir", lambda: out(lambda: os.fchdir(top)))
