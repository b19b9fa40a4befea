//! The TUN or TAP device of the simulated network. The kernel's packets are read from it; written packets reach the kernel.

#![allow(unsafe_code)]

use std::ffi::c_char;
use std::io::{self, IoSlice};
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use linux_raw_sys::if_tun::{IFF_NO_PI, IFF_TAP, IFF_TUN};
use linux_raw_sys::ioctl::TUNSETIFF;
use linux_raw_sys::net::ifreq;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::ioctl::{Opcode, Setter};
use serde::Deserialize;

/// An existing device (`ip tuntap add`), opened non-blocking.
pub struct Tun {
    device: OwnedFd,
    link: Link,
}

/// The link layer of the device.
#[derive(Clone, Copy, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "kebab-case")]
pub enum Link {
    /// A TUN device: no header before the packets.
    #[default]
    Ip,
    /// A TAP device: an Ethernet header, which some programs need.
    Ethernet,
}

/// The Ethernet addresses of the device and of the router behind it, as in bench/harness/lab.ts.
const ADDRESSES: [u8; 12] = [2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2];
const ETHERNET_HEADER: usize = ADDRESSES.len() + 2;
const IPV4: [u8; 2] = [0x08, 0x00];
const IPV6: [u8; 2] = [0x86, 0xdd];

impl Tun {
    pub fn open(name: &str, link: Link) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let device = rustix::fs::open("/dev/net/tun", flags, Mode::empty())?;
        // SAFETY: all fields are integers and arrays of them, for which zeroes are a valid value.
        let mut request: ifreq = unsafe { std::mem::zeroed() };
        // SAFETY: any bytes are valid for each member of a union of plain data, and a name of 15 bytes fits.
        let room = unsafe { &mut request.ifr_ifrn.ifrn_name };
        for (to, from) in room[..15].iter_mut().zip(name.bytes()) {
            *to = from as c_char;
        }
        let kind = if link == Link::Ethernet { IFF_TAP } else { IFF_TUN };
        request.ifr_ifru.ifru_flags = (kind | IFF_NO_PI) as i16;
        // SAFETY: TUNSETIFF takes an `ifreq`, with the name and the flags.
        unsafe { rustix::ioctl::ioctl(&device, Setter::<{ TUNSETIFF as Opcode }, ifreq>::new(request)) }?;
        Ok(Self { device, link })
    }

    /// Reads the next packet; `None` if there is none.
    pub fn read<'a>(&self, room: &'a mut [u8]) -> io::Result<Option<&'a [u8]>> {
        let header = if self.link == Link::Ethernet { ETHERNET_HEADER } else { 0 };
        match rustix::io::read(&self.device, &mut *room) {
            Ok(length) => Ok(Some(room.get(header..length).unwrap_or_default())),
            Err(Errno::AGAIN) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    pub fn write(&self, packet: &[u8]) -> io::Result<()> {
        let written = if self.link == Link::Ip {
            rustix::io::write(&self.device, packet)
        } else {
            let kind = if packet.first().is_some_and(|first| first >> 4 == 6) { IPV6 } else { IPV4 };
            rustix::io::writev(&self.device, &[&ADDRESSES[..], &kind, packet].map(IoSlice::new))
        };
        match written {
            // The interface is down, so the packet is lost.
            Ok(_) | Err(Errno::IO) => Ok(()),
            Err(errno) => Err(errno.into()),
        }
    }
}

impl AsFd for Tun {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.device.as_fd()
    }
}
