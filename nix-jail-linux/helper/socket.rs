//! Sockets made in the jail's network for the embedder.
use crate::sys::net::{AF_INET, AF_INET6, AF_NETLINK, SOCK_DGRAM, SOCK_RAW, SOCK_STREAM, bind, listen, option, socket};
use crate::sys::{EPERM, Fd, Result};
use crate::wire::Socket;

const SOL_SOCKET: usize = 1;
const SO_REUSEADDR: usize = 2;
const IPPROTO_IP: usize = 0;
const IP_PKTINFO: usize = 8;
const IP_FREEBIND: usize = 15;
const IPPROTO_IPV6: usize = 41;
const IPV6_V6ONLY: usize = 26;
const IPV6_RECVPKTINFO: usize = 49;
const IPV6_FREEBIND: usize = 78;
const NETLINK_ROUTE: u32 = 0;
const NETLINK_NETFILTER: u32 = 12;

/// Makes what is asked for. A listener on `[::]` takes both families. Never SO_REUSEPORT: the job could take its own
/// traffic back.
pub fn make(what: Socket, released: bool) -> Result<Fd> {
    match what {
        Socket::TcpListener { v6, address, port } => {
            let socket = internet(v6, SOCK_STREAM)?;
            option(&socket, SOL_SOCKET, SO_REUSEADDR, 1)?;
            bind_to(&socket, v6, address, port)?;
            listen(&socket, 1024)?;
            Ok(socket)
        }
        Socket::Tcp { v6 } => internet(v6, SOCK_STREAM),
        Socket::Udp { v6, address, port } => {
            let socket = internet(v6, SOCK_DGRAM)?;
            if v6 {
                option(&socket, IPPROTO_IPV6, IPV6_RECVPKTINFO, 1)?;
                option(&socket, IPPROTO_IPV6, IPV6_FREEBIND, 1)?;
            } else {
                option(&socket, IPPROTO_IP, IP_PKTINFO, 1)?;
                option(&socket, IPPROTO_IP, IP_FREEBIND, 1)?;
            }
            bind_to(&socket, v6, address, port)?;
            Ok(socket)
        }
        Socket::Netlink { protocol } if !released && matches!(protocol, NETLINK_ROUTE | NETLINK_NETFILTER) => {
            socket(AF_NETLINK, SOCK_RAW, protocol as usize)
        }
        Socket::Netlink { .. } => Err(EPERM),
    }
}

fn internet(v6: bool, kind: usize) -> Result<Fd> {
    let socket = socket(if v6 { AF_INET6 } else { AF_INET }, kind, 0)?;
    if v6 {
        option(&socket, IPPROTO_IPV6, IPV6_V6ONLY, 0)?;
    }
    Ok(socket)
}

/// Binds to an address: struct sockaddr_in6 or sockaddr_in.
fn bind_to(socket: &Fd, v6: bool, address: [u8; 16], port: u16) -> Result {
    let mut bytes = [0u8; 28];
    bytes[..2].copy_from_slice(&(if v6 { AF_INET6 } else { AF_INET } as u16).to_ne_bytes());
    bytes[2..4].copy_from_slice(&port.to_be_bytes());
    if v6 {
        bytes[8..24].copy_from_slice(&address);
        bind(socket, &bytes)
    } else {
        bytes[4..8].copy_from_slice(&address[..4]);
        bind(socket, &bytes[..16])
    }
}
