# A listener of the host on an abstract unix socket, which lives in no directory.
import socket


def dial():
    with socket.socket(socket.AF_UNIX) as s:
        s.settimeout(2)
        s.connect("\0" + os.environ["ABSTRACT"])
        return s.recv(100) == b"nix-jail-planted-secret"


attempt("dial", dial)
attempt("list", lambda: "@" + os.environ["ABSTRACT"] in open("/proc/net/unix").read())
