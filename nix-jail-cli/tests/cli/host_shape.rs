//! Cases from the field: the host's shape, and the jail's own loopback.

use crate::bin::{bash, nj};
use crate::skip::{has, has_jail};

/// H1: the caller's umask shapes neither the skeleton nor the job.
#[test]
fn h1_the_callers_umask_does_not_matter() {
    if !has_jail("h1") {
        return;
    }
    let stat = "umask; stat -c \"%a %n\" / /tmp /etc /dev/shm /workspace";
    let blocks: Vec<String> = ["000", "022", "077"]
        .iter()
        .map(|mask| bash(&format!("umask {mask}; nj -- sh -c '{stat}'")).run().expect(0).stdout)
        .collect();
    assert!(blocks.iter().all(|block| *block == blocks[0]), "{blocks:#?}");
    for line in ["0022", "1777 /tmp", "1777 /dev/shm"] {
        assert!(blocks[0].lines().any(|l| l == line), "{blocks:#?}");
    }
}

/// H4: calls that the filter does not know look as if the kernel did not have them, so that libc falls back.
#[test]
fn h4_unknown_calls_are_not_there() {
    if !has("python3", "h4") {
        return;
    }
    let script = "import ctypes,threading as t;l=ctypes.CDLL(None,use_errno=True);\
        [(l.syscall(n,0,0),print(n,ctypes.get_errno())) for n in (435,999)];\
        h=t.Thread(target=print,args=(\"thread\",));h.start();h.join()";
    let done = nj(&["python3", "-c", script]).run().expect(0);
    let lines: Vec<&str> = done.stdout.lines().collect();
    assert!(matches!(lines[0], "435 38" | "435 22"), "{done:#?}");
    assert_eq!(&lines[1..], ["999 38", "thread"], "{done:#?}");
}

/// N1, its first half: localhost, the jail's own host name, and local listeners.
#[test]
fn n1_loopback_works() {
    if !has("python3", "n1") {
        return;
    }
    let script = "import socket as s;\
        print(*[s.getaddrinfo(h,80)[0][4][0] for h in(\"localhost\",s.gethostname())]);\
        l=s.create_server((\"127.0.0.1\",8080));c=s.create_connection(l.getsockname());\
        l.accept()[0].send(b\"ok\");print(c.recv(2))";
    let done = nj(&["python3", "-c", script]).run().expect(0);
    let (addresses, received) = done.stdout.split_once('\n').unwrap();
    assert!(addresses.split(' ').all(|a| a == "::1" || a.starts_with("127.")), "{done:#?}");
    assert_eq!((addresses.split(' ').count(), received), (2, "b'ok'\n"));
}
