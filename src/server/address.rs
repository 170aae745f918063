//! Binds the port of the preview, and finds the names and addresses of this machine. Sends no packet to other machines.

use super::{Options, Port, ServeError};
use std::io;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs, UdpSocket};
use std::time::Duration;

/// How many ports above the default port are tried.
const NEXT_PORTS: u16 = 100;

/// A listener on the requested port, or on the first free port from the default port upwards.
pub(super) fn listen(options: &Options) -> Result<TcpListener, ServeError> {
    let host = resolve(&options.host)?;
    let (first, last) = match options.port {
        Port::Asked(port) => (port, port),
        Port::Default(port) => (port, port.saturating_add(NEXT_PORTS)),
    };
    for port in first..=last {
        match TcpListener::bind(SocketAddr::new(host, port)) {
            Ok(listener) => {
                lengthen_queue(&listener);
                return Ok(listener);
            }
            Err(error) if error.kind() == io::ErrorKind::AddrInUse => {}
            Err(source) => return Err(ServeError::Listen { host, port, source }),
        }
    }
    Err(ServeError::PortTaken { first, last })
}

/// Lengthens the queue of pending connections beyond the 128 of the standard library. A client that finds the queue full
/// repeats its SYN only after a second.
fn lengthen_queue(listener: &TcpListener) {
    #[cfg(unix)]
    let _ = rustix::net::listen(listener, 4096);
    #[cfg(not(unix))]
    let _ = listener;
}

fn resolve(host: &str) -> Result<IpAddr, ServeError> {
    let bare = host.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(host);
    if bare.eq_ignore_ascii_case("localhost") {
        return Ok(IpAddr::V4(Ipv4Addr::LOCALHOST));
    }
    let found = (bare, 0).to_socket_addrs().ok().and_then(|mut addresses| addresses.next());
    found.map(|address| address.ip()).ok_or_else(|| ServeError::UnknownHost(host.to_string()))
}

/// The host names of this machine, in lower case: with `.local`, without a domain, and in full.
pub(super) fn own_names() -> Vec<String> {
    let Some(name) = own_name().map(|name| name.to_ascii_lowercase()).filter(|name| !name.is_empty()) else {
        return Vec::new();
    };
    let short = name.split('.').next().unwrap_or(&name).to_string();
    vec![format!("{short}.local"), short, name]
}

#[cfg(unix)]
fn own_name() -> Option<String> {
    rustix::system::uname().nodename().to_str().ok().map(str::to_string)
}

#[cfg(not(unix))]
fn own_name() -> Option<String> {
    std::env::var("COMPUTERNAME").ok()
}

/// The addresses of this machine in local networks: for each private range of IPv4, and for IPv6, the source address that the
/// system would use. Connecting a datagram socket sends no packet; the system only consults the routing table.
pub(super) fn own_addresses() -> Vec<IpAddr> {
    const NETWORKS: [IpAddr; 5] = [
        IpAddr::V4(Ipv4Addr::new(192, 168, 255, 254)),
        IpAddr::V4(Ipv4Addr::new(10, 255, 255, 254)),
        IpAddr::V4(Ipv4Addr::new(172, 31, 255, 254)),
        IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)),
        IpAddr::V6(Ipv6Addr::new(0x2001, 0xdb8, 0, 0, 0, 0, 0, 1)),
    ];
    let mut addresses = Vec::new();
    for network in NETWORKS {
        let unspecified: IpAddr =
            if network.is_ipv4() { Ipv4Addr::UNSPECIFIED.into() } else { Ipv6Addr::UNSPECIFIED.into() };
        let from = UdpSocket::bind((unspecified, 0))
            .and_then(|socket| socket.connect((network, 9)).and_then(|()| socket.local_addr()))
            .map(|address| address.ip());
        match from {
            Ok(address) if !address.is_loopback() && !addresses.contains(&address) => addresses.push(address),
            _ => {}
        }
    }
    addresses
}

/// Whether a connection to an address of this machine succeeds. A listener on `0.0.0.0` has no IPv6 address.
pub(super) fn is_open(address: IpAddr, port: u16) -> bool {
    TcpStream::connect_timeout(&SocketAddr::new(address, port), Duration::from_millis(300)).is_ok()
}

/// The URL to open in a browser.
pub(super) fn url(host: IpAddr, port: u16) -> String {
    let host = match host {
        IpAddr::V4(address) if address.is_unspecified() => IpAddr::V4(Ipv4Addr::LOCALHOST),
        IpAddr::V6(address) if address.is_unspecified() => IpAddr::V6(Ipv6Addr::LOCALHOST),
        other => other,
    };
    format!("http://{}/", SocketAddr::new(host, port))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn options(host: &str, port: Port) -> Options {
        Options { host: host.into(), port, ..Options::default() }
    }

    #[test]
    fn a_taken_port_is_an_error_only_where_it_was_asked_for() {
        let taken = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = taken.local_addr().expect("an address").port();
        let refused = listen(&options("localhost", Port::Asked(port)));
        assert!(matches!(refused, Err(ServeError::PortTaken { first, .. }) if first == port));
        let next = listen(&options("127.0.0.1", Port::Default(port))).expect("one of a hundred is free");
        assert!(next.local_addr().expect("an address").port() > port);
    }

    #[test]
    fn hosts_that_are_none_are_said() {
        assert!(matches!(listen(&options("no such host", Port::Asked(0))), Err(ServeError::UnknownHost(_))));
        assert!(matches!(listen(&options("192.0.2.1", Port::Asked(0))), Err(ServeError::Listen { .. })));
    }

    #[test]
    fn urls_can_be_opened() {
        assert_eq!(url("0.0.0.0".parse().expect("address"), 1), "http://127.0.0.1:1/");
        assert_eq!(url("::".parse().expect("address"), 1), "http://[::1]:1/");
        assert_eq!(url("10.0.0.7".parse().expect("address"), 80), "http://10.0.0.7:80/");
    }
}
