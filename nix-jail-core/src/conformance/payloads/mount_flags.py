# A directory of the host in the jail: neither set-user-id bits nor devices mean anything there.
place = "." if CONTROL else "/workspace"
flags = os.statvfs(place).f_flag
for name, flag in [("nosuid", os.ST_NOSUID), ("nodev", os.ST_NODEV)]:
    held(name) if flags & flag else escaped(name, hex(flags))
if os.path.lexists(place + "/device"):
    attempt("device", lambda: os.open(place + "/device", os.O_RDONLY))
attempt("mknod", lambda: os.mknod(place + "/made", 0o600 | 0o020000, os.makedev(1, 3)) or True)
