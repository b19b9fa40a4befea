//! Targets on loopback, and requests to check them.

use std::io::ErrorKind;
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::AsFd;
use std::time::Duration;

use rustix::net::{AddressFamily, SocketType};
use tcp_shaker::record::{Request, Resolve, ResultRecord};
use tcp_shaker::status::Status;

pub fn request(id: u32, host: &str, port: u16) -> Request<'_> {
    let (host, timeout) = (host.into(), Duration::from_secs(20));
    Request { id, host, port, timeout, queue_timeout: None, family: None, resolve: Resolve::Any, zero_linger: true }
}

pub fn host_and_port(address: SocketAddr) -> (String, u16) {
    (address.ip().to_string(), address.port())
}

/// A listener on a free port. Its backlog is large, because on a busy machine late RSTs leave connections in it, and a
/// full backlog drops SYNs.
pub fn listener(at: &str) -> TcpListener {
    let listener = TcpListener::bind(at).unwrap();
    rustix::net::listen(listener.as_fd(), 4096).unwrap();
    listener
}

/// An address with a closed port, outside of the range of ephemeral ports.
///
/// A bind shows that the port is free. There is no listener at any time, because another test may be probing the port.
pub fn free_address(at: &str) -> SocketAddr {
    let mut address: SocketAddr = at.parse().unwrap();
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    let is_free = |port: &u16| {
        address.set_port(*port);
        let socket = rustix::net::socket(family, SocketType::STREAM, None).unwrap();
        rustix::net::bind(&socket, &address).is_ok()
    };
    let port = (1024..32_768).rev().find(is_free).unwrap();
    SocketAddr::new(address.ip(), port)
}

/// A silent target: a listener whose backlog is full, so that the kernel drops each further SYN.
pub struct Silent {
    pub address: SocketAddr,
    pub listener: TcpListener,
    _backlog: Vec<TcpStream>,
}

impl Silent {
    pub fn new() -> Self {
        Self::at("127.0.0.1:0")
    }

    pub fn at(at: &str) -> Self {
        let listener = listener(at);
        rustix::net::listen(listener.as_fd(), 0).unwrap();
        let address = listener.local_addr().unwrap();
        // A backlog of 0 has room for one connection.
        let first = TcpStream::connect(address).unwrap();
        Self { address, listener, _backlog: vec![first] }
    }
}

/// Whether a check took so long that the kernel may have sent the ACK, which it delays by 200 ms, without a report. This
/// happens if the machine has stalled.
pub fn is_late(record: &ResultRecord) -> bool {
    record.duration >= 190.0
}

/// Asserts that results report every connection that the application accepts, by the mode "full" or by a late local
/// error, and that an open port has the mode "full" only if the machine has stalled.
pub fn assert_reported(target: &TcpListener, results: &[ResultRecord]) {
    let of = |status: Status| move |record: &&ResultRecord| record.status == status as u8;
    for record in results.iter().filter(of(Status::Up)) {
        assert!(record.full == 0 || is_late(record), "{record:?}");
    }
    let late_errors =
        results.iter().filter(of(Status::LocalError)).filter(|record| record.full == 0 && is_late(record));
    let reported = results.iter().filter(|record| record.full == 1).count() + late_errors.count();
    let accepted = accepted(target);
    assert!(accepted <= reported, "{accepted} connections were accepted, {reported} were reported");
}

/// Accepts all connections of a listener, and returns their number.
pub fn accepted(listener: &TcpListener) -> usize {
    listener.set_nonblocking(true).unwrap();
    let mut count = 0;
    loop {
        match listener.accept() {
            Ok(_) => count += 1,
            Err(error) if error.kind() == ErrorKind::WouldBlock => return count,
            Err(error) => panic!("{error}"),
        }
    }
}
