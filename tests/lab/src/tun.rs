//! The device: what the kernel sends to the simulated network is read from it, and what is written to it comes from there.

#![allow(unsafe_code)]

use std::ffi::c_char;
use std::io;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use linux_raw_sys::if_tun::{IFF_NO_PI, IFF_TUN};
use linux_raw_sys::ioctl::TUNSETIFF;
use linux_raw_sys::net::ifreq;
use rustix::fs::{Mode, OFlags};
use rustix::io::Errno;
use rustix::ioctl::{Opcode, Setter};

/// A TUN device that somebody has made (`ip tuntap add`), without blocking and without a header before the packets.
pub struct Tun(OwnedFd);

impl Tun {
    pub fn open(name: &str) -> io::Result<Self> {
        let flags = OFlags::RDWR | OFlags::NONBLOCK | OFlags::CLOEXEC;
        let tun = rustix::fs::open("/dev/net/tun", flags, Mode::empty())?;
        // SAFETY: all of it is integers and arrays of them, for which zeroes are a valid value.
        let mut request: ifreq = unsafe { std::mem::zeroed() };
        // SAFETY: one member of a union of plain data is as good as another, and there is room for a name of 15 bytes.
        let room = unsafe { &mut request.ifr_ifrn.ifrn_name };
        for (to, from) in room[..15].iter_mut().zip(name.bytes()) {
            *to = from as c_char;
        }
        request.ifr_ifru.ifru_flags = (IFF_TUN | IFF_NO_PI) as i16;
        // SAFETY: TUNSETIFF takes an `ifreq`, with the name and the flags.
        unsafe { rustix::ioctl::ioctl(&tun, Setter::<{ TUNSETIFF as Opcode }, ifreq>::new(request)) }?;
        Ok(Self(tun))
    }

    /// The next packet, none if there is none now.
    pub fn read<'a>(&self, room: &'a mut [u8]) -> io::Result<Option<&'a [u8]>> {
        match rustix::io::read(&self.0, &mut *room) {
            Ok(length) => Ok(Some(&room[..length])),
            Err(Errno::AGAIN) => Ok(None),
            Err(errno) => Err(errno.into()),
        }
    }

    pub fn write(&self, packet: &[u8]) -> io::Result<()> {
        rustix::io::write(&self.0, packet)?;
        Ok(())
    }
}

impl AsFd for Tun {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}
