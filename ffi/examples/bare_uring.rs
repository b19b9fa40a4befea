//! The bare loop with io_uring in the place of epoll: `bare_uring TARGET CHECKS WARM_UP`.
//!
//! A connect that disconnects, and that of the next check linked to it, are two entries of the submission queue; all of
//! a pass are submitted by the call that waits for the next completions. `TCP_INFO` stays a system call: a ring asks for
//! options of `SOL_SOCKET` only (6.18). `deno task bench` compares it with the bare loop, to tell whether a ring would
//! be worth having.

#![allow(unsafe_code)]

use std::mem::size_of;
use std::net::SocketAddr;
use std::os::fd::{AsFd, AsRawFd, OwnedFd};

use io_uring::squeue::Flags;
use io_uring::{IoUring, opcode, types};
use rustix::io::{self, Errno};
use rustix::net::AddressFamily;

mod bare;

use bare::{Given, IN_FLIGHT, faults, sys};

/// Two entries a check.
const ENTRIES: u32 = (2 * IN_FLIGHT).next_power_of_two() as u32;
/// The key of a disconnect, of which only a failure is told.
const DISCONNECT: u64 = u64::MAX;

struct Loop {
    ring: IoUring,
    /// Registered with the ring, by the same index.
    sockets: Vec<OwnedFd>,
    target: libc::sockaddr_in,
    nowhere: libc::sockaddr_in,
}

fn main() -> std::io::Result<()> {
    let given = Given::read();
    let mut bare = Loop::new(given.target)?;
    Ok(given.measure(|checks| bare.run(checks))?)
}

impl Loop {
    fn new(target: SocketAddr) -> std::io::Result<Self> {
        let ring = IoUring::builder().setup_single_issuer().setup_defer_taskrun().build(ENTRIES)?;
        let mut sockets = Vec::with_capacity(IN_FLIGHT);
        for _ in 0..IN_FLIGHT {
            sockets.push(sys::half_open_socket(AddressFamily::INET)?);
        }
        ring.submitter().register_files(&sockets.iter().map(AsRawFd::as_raw_fd).collect::<Vec<_>>())?;
        let SocketAddr::V4(target) = target else { panic!("TARGET must be an IPv4 address") };
        let address = libc::sockaddr_in {
            sin_family: libc::AF_INET as libc::sa_family_t,
            sin_port: target.port().to_be(),
            sin_addr: libc::in_addr { s_addr: u32::from_ne_bytes(target.ip().octets()) },
            sin_zero: [0; 8],
        };
        let nowhere = libc::sockaddr_in { sin_family: libc::AF_UNSPEC as libc::sa_family_t, ..address };
        Ok(Self { ring, sockets, target: address, nowhere })
    }

    fn run(&mut self, checks: usize) -> io::Result<()> {
        let mut started = 0;
        let mut ended = 0;
        while started < checks.min(IN_FLIGHT) {
            self.push(self.connect(started));
            started += 1;
        }
        let mut completions = Vec::with_capacity(2 * IN_FLIGHT);
        while ended < checks {
            self.submit(1)?;
            completions.extend(self.ring.completion().map(|entry| (entry.user_data(), entry.result())));
            for (key, result) in completions.drain(..) {
                self.judge(key, result)?;
                ended += 1;
                if started < checks {
                    self.push(self.disconnect(key as usize).flags(Flags::SKIP_SUCCESS | Flags::IO_LINK));
                    self.push(self.connect(key as usize));
                    started += 1;
                } else {
                    self.push(self.disconnect(key as usize).flags(Flags::SKIP_SUCCESS));
                }
            }
        }
        self.submit(0)
    }

    /// Reads an answer: a SYN-ACK's through `TCP_INFO`, a RST's from the completion.
    fn judge(&self, key: u64, result: i32) -> io::Result<()> {
        if result == 0 {
            return sys::tcp_info(self.sockets[key as usize].as_fd()).map(drop);
        }
        match Errno::from_raw_os_error(-result) {
            Errno::CONNREFUSED if key != DISCONNECT => Ok(()),
            errno => Err(errno),
        }
    }

    fn connect(&self, index: usize) -> io_uring::squeue::Entry {
        connect(index, &self.target).user_data(index as u64)
    }

    fn disconnect(&self, index: usize) -> io_uring::squeue::Entry {
        connect(index, &self.nowhere).user_data(DISCONNECT)
    }

    fn push(&mut self, entry: io_uring::squeue::Entry) {
        // SAFETY: the addresses that entries point to are the loop's own, which does not move while it runs, and the
        // kernel copies them when an entry is submitted.
        unsafe { self.ring.submission().push(&entry) }.expect("there is room for two entries a check");
    }

    fn submit(&self, wanted: usize) -> io::Result<()> {
        match self.ring.submit_and_wait(wanted) {
            Ok(_) => Ok(()),
            Err(error) => Err(Errno::from_io_error(&error).unwrap_or(Errno::IO)),
        }
    }
}

fn connect(index: usize, address: &libc::sockaddr_in) -> io_uring::squeue::Entry {
    let pointer = (&raw const *address).cast::<libc::sockaddr>();
    opcode::Connect::new(types::Fixed(index as u32), pointer, size_of::<libc::sockaddr_in>() as u32).build()
}
