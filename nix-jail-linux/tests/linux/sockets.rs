//! Sockets that are made inside a jail and used outside.

use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};

use nix_jail_core::{SocketRequest, Stream};

use crate::support::jail;

/// A program that connects to port 4000 of its own loopback and prints what it is told.
const CLIENT: &str = "import socket; print(socket.create_connection(('127.0.0.1', 4000), 5).recv(9).decode(), end='')";

#[tokio::test]
async fn a_listener_of_the_jail_is_served_from_outside() {
    let jail = jail();
    let wait_for_stdin = format!("read go; exec python3 -c \"{CLIENT}\"");
    let mut job = jail
        .command("sh")
        .args(["-c", &wait_for_stdin])
        .stdin(Stream::Piped)
        .stdout(Stream::Piped)
        .spawn()
        .await
        .expect("a job");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 4000));
    let listener = job.process().socket(&SocketRequest::TcpListener(address)).await.expect("a listener");
    let served = std::thread::spawn(move || {
        let (mut client, _) = TcpListener::from(listener).accept()?;
        client.write_all(b"from host")
    });
    // The control: nobody listens there on the host's own loopback.
    assert!(TcpStream::connect(address).is_err());
    let stdin = job.stdin.take().expect("a pipe");
    let mut stdin = std::fs::File::from(stdin.into_blocking_fd().expect("a descriptor"));
    stdin.write_all(b"go\n").expect("the job reads");
    let output = job.wait_with_output().await.expect("an end");
    served.join().expect("no panic").expect("served");
    assert_eq!(output.stdout, b"from host");
}

#[tokio::test]
async fn a_server_of_the_job_is_reached_by_a_socket_from_inside() {
    let jail = jail();
    let server = "import socket; s=socket.create_server(('127.0.0.1', 5000)); print('up', flush=True); s.accept()[0].send(b'from jail')";
    let job = jail.command("python3").args(["-c", server]).stdout(Stream::Null).spawn().await.expect("a job");
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, 5000));
    let mut answer = String::new();
    for _ in 0..200 {
        let socket = job.process().socket(&SocketRequest::Tcp { v6: false }).await.expect("a socket");
        let connected = rustix::net::connect(&socket, &address);
        if connected.is_ok() {
            TcpStream::from(socket).read_to_string(&mut answer).expect("an answer");
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(answer, "from jail");
    assert!(job.wait().await.expect("an end").success());
}

#[tokio::test]
async fn after_the_end_there_are_no_sockets() {
    let job = jail().command("true").spawn().await.expect("a job");
    job.wait().await.expect("an end");
    assert!(job.process().socket(&SocketRequest::Tcp { v6: false }).await.is_err());
}
