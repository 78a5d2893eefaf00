# Listeners of the host on its loopback interface. TCP, TCP6 and UDP are their ports.
import socket

MARK = b"nix-jail-planted-secret"


def tcp(family, address):
    with socket.socket(family) as s:
        s.settimeout(2)
        s.connect(address)
        return s.recv(100) == MARK


def udp(address):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
        s.settimeout(0.5)
        s.sendto(b"hello", address)
        return s.recv(100) == MARK


attempt("tcp", lambda: tcp(socket.AF_INET, ("127.0.0.1", int(os.environ["TCP"]))))
attempt("udp", lambda: udp(("127.0.0.1", int(os.environ["UDP"]))))
if "TCP6" in os.environ:
    attempt("tcp over IPv6", lambda: tcp(socket.AF_INET6, ("::1", int(os.environ["TCP6"]))))
attempt("interfaces", lambda: " ".join(name for _, name in socket.if_nameindex() if name != "lo"))
if not CONTROL:
    # Addresses that lead nowhere; the metadata service; a resolver. With no route, nothing leaves and nothing waits.
    start = time.time()
    for address in ("192.0.2.1", "10.0.0.1", "169.254.169.254", "8.8.8.8", "255.255.255.255"):
        attempt("elsewhere", lambda: tcp(socket.AF_INET, (address, 80)))
        attempt("elsewhere", lambda: udp((address, 53)))
    attempt("elsewhere", lambda: tcp(socket.AF_INET6, ("2001:db8::1", 80)))
    attempt("packets that leave", lambda: time.time() - start > 1)
