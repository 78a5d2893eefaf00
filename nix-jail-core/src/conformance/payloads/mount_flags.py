# A directory of the host in the jail: neither set-user-id bits nor devices mean anything there.
place = "." if CONTROL else "/workspace"
flags = os.statvfs(place).f_flag
for name, flag in [("nosuid", os.ST_NOSUID), ("nodev", os.ST_NODEV)]:
    held(name) if flags & flag else escaped(name, hex(flags))
if os.path.lexists(place + "/device"):
    attempt("device", lambda: os.open(place + "/device", os.O_RDONLY))
attempt("mknod", lambda: os.mknod(place + "/made", 0o600 | 0o020000, os.makedev(1, 3)) or True)


def set_id(how):
    """Leaves a program with the set-user-id bit in the directory: outside, it would lend its owner's rights."""
    path = f"{place}/left-{how.__name__}"
    with open(path, "wb") as file:
        file.write(b"#!/bin/sh\n")
        how(file.fileno() if how is os.fchmod else path, 0o4755)
    return os.stat(path).st_mode & 0o4000


attempt("set-user-id by path", lambda: set_id(os.chmod))
attempt("set-user-id by descriptor", lambda: set_id(os.fchmod))
