//! Benchmark of only a check's system calls: `bare_loop TARGET CHECKS WARM_UP`.
//!
//! One thread, one epoll instance, and 100 recycled sockets with the engine's options, without deadlines, queue, results
//! and other threads. `deno task bench` compares the module with it.

use std::net::SocketAddr;
use std::os::fd::{AsFd, OwnedFd};

use rustix::buffer::spare_capacity;
use rustix::event::epoll::{self, CreateFlags, Event, EventData, EventFlags};
use rustix::io::{self, Errno};
use rustix::net::AddressFamily;

mod bare;

use bare::{Given, IN_FLIGHT, sys};

struct Loop {
    epoll: OwnedFd,
    sockets: Vec<OwnedFd>,
    /// Whether a handshake is in flight on each socket, because an idle socket also reports its disconnection.
    busy: Vec<bool>,
    target: SocketAddr,
}

fn main() -> io::Result<()> {
    let given = Given::read();
    let mut bare = Loop::new(given.target)?;
    given.measure(|checks| bare.run(checks))
}

impl Loop {
    fn new(target: SocketAddr) -> io::Result<Self> {
        let family = if target.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
        let epoll = epoll::create(CreateFlags::CLOEXEC)?;
        let mut sockets = Vec::with_capacity(IN_FLIGHT);
        for index in 0..IN_FLIGHT {
            let socket = sys::half_open_socket(family)?;
            epoll::add(&epoll, &socket, EventData::new_u64(index as u64), EventFlags::OUT | EventFlags::ET)?;
            sockets.push(socket);
        }
        Ok(Self { epoll, sockets, busy: vec![false; IN_FLIGHT], target })
    }

    fn run(&mut self, checks: usize) -> io::Result<()> {
        let mut started = 0;
        let mut ended = 0;
        let mut events: Vec<Event> = Vec::with_capacity(512);
        while started < checks.min(self.sockets.len()) {
            self.start(started)?;
            started += 1;
        }
        while ended < checks {
            events.clear();
            epoll::wait(&self.epoll, spare_capacity(&mut events), None)?;
            for event in &events {
                let index = event.data.u64() as usize;
                let failed = { event.flags }.intersects(EventFlags::ERR | EventFlags::HUP);
                if !self.busy[index] || !self.has_ended(index, failed)? {
                    continue;
                }
                self.busy[index] = false;
                sys::disconnect(self.sockets[index].as_fd())?;
                ended += 1;
                if started < checks {
                    self.start(index)?;
                    started += 1;
                }
            }
        }
        Ok(())
    }

    fn start(&mut self, index: usize) -> io::Result<()> {
        self.busy[index] = true;
        sys::connect(self.sockets[index].as_fd(), &self.target)
    }

    /// Reads an answer: a SYN-ACK's through `TCP_INFO`, a RST's through `SO_ERROR`.
    fn has_ended(&self, index: usize, failed: bool) -> io::Result<bool> {
        let socket = self.sockets[index].as_fd();
        if failed {
            match sys::socket_error(socket)? {
                Ok(()) => {}
                Err(Errno::CONNREFUSED) => return Ok(true),
                Err(errno) => return Err(errno),
            }
        }
        let state = sys::tcp_info(socket)?.state;
        Ok(state != sys::TcpInfo::SYN_SENT && state != sys::TcpInfo::CLOSE)
    }
}
