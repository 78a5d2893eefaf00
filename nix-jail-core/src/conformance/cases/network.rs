//! What a job reaches beyond its jail.

use std::io::{self, Write};
use std::net::{TcpListener, UdpSocket};
use std::os::unix::net::UnixListener;
use std::thread;

use super::{Case, Payload};
use crate::Feature;
use crate::conformance::grounds::MARK;
use crate::conformance::{Bench, Trouble};

pub(super) const CASES: &[Case] = &[
    Case {
        name: "direct-dial",
        feature: Feature::NoNetwork,
        plant: plant_listeners,
        attack: Payload::Python(include_str!("../payloads/direct_dial.py")),
        ..Case::PYTHON
    },
    Case {
        name: "abstract-socket",
        feature: Feature::NoNetwork,
        plant: plant_abstract,
        attack: Payload::Python(include_str!("../payloads/abstract_socket.py")),
        ..Case::PYTHON
    },
];

/// Listeners on this machine's loopback interface that tell a secret to whoever comes. Their threads end with the
/// process, which is this case's own.
fn plant_listeners(bench: &mut Bench) -> Result<(), Trouble> {
    let tcp = TcpListener::bind("127.0.0.1:0")?;
    bench.tell("TCP", tcp.local_addr()?.port().to_string());
    thread::spawn(move || tell(tcp.incoming()));
    if let Ok(tcp) = TcpListener::bind("[::1]:0") {
        bench.tell("TCP6", tcp.local_addr()?.port().to_string());
        thread::spawn(move || tell(tcp.incoming()));
    }
    let udp = UdpSocket::bind("127.0.0.1:0")?;
    bench.tell("UDP", udp.local_addr()?.port().to_string());
    thread::spawn(move || {
        let mut asked = [0; 100];
        while let Ok((_, from)) = udp.recv_from(&mut asked) {
            let _ = udp.send_to(MARK.as_bytes(), from);
        }
    });
    Ok(())
}

fn plant_abstract(bench: &mut Bench) -> Result<(), Trouble> {
    let name = bench.dir().file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let listener = listen_abstract(&name).map_err(|e| Trouble::skipped("abstract-socket", e.to_string()))?;
    bench.tell("ABSTRACT", name);
    thread::spawn(move || tell(listener.incoming()));
    Ok(())
}

#[cfg(any(target_os = "linux", target_os = "android"))]
fn listen_abstract(name: &str) -> io::Result<UnixListener> {
    use std::os::linux::net::SocketAddrExt;
    use std::os::unix::net::SocketAddr;
    UnixListener::bind_addr(&SocketAddr::from_abstract_name(name)?)
}

#[cfg(not(any(target_os = "linux", target_os = "android")))]
fn listen_abstract(_: &str) -> io::Result<UnixListener> {
    Err(io::ErrorKind::Unsupported.into())
}

fn tell<W: Write>(callers: impl Iterator<Item = io::Result<W>>) {
    for mut caller in callers.flatten() {
        let _ = caller.write_all(MARK.as_bytes());
    }
}
