# Where nothing may be made. Outside, only in a place that was made for it.
PLACES = ["/", "/usr", "/usr/bin", "/usr/lib", "/bin", "/lib", "/etc", "/etc/ssl/certs", "/nix", "/nix/store", "/dev", "/dev/pts"]
PLACES += ["/proc", "/proc/self", "/shown"]
if CONTROL:
    PLACES = [os.environ["SHOWN"]]


def make(place):
    path = place + "/made-by-a-jail"
    os.close(os.open(path, os.O_CREAT | os.O_WRONLY, 0o644))
    return path


for place in PLACES:
    attempt("file", lambda: make(place))
    attempt("directory", lambda: os.mkdir(place + "/dir-made-by-a-jail") or place)
    attempt("symlink", lambda: os.symlink("x", place + "/link-made-by-a-jail") or place)
    attempt("mode", lambda: os.chmod(place, 0o777) or place)
    attempt("times", lambda: os.utime(place) or place)
    attempt("rename", lambda: os.rename(place, place.rstrip("/") + "-moved") or place)
# Files: what a job may read and what everybody executes.
for path in [os.environ["SHOWN"] + "-moved/file"] if CONTROL else ["/etc/passwd", "/etc/hosts", "/usr/bin/env", "/bin/sh", "/shown/file"]:
    attempt("append", lambda: os.close(os.open(path, os.O_WRONLY | os.O_APPEND)) or path)
    attempt("truncate", lambda: os.truncate(path, 0) or path)
    attempt("link", lambda: os.link(path, "/tmp/hard-link") or path)
    attempt("unlink", lambda: os.unlink(path) or path)
