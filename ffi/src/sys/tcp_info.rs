//! `TCP_INFO`: the state of a handshake, and the options of the peer.

use std::mem::offset_of;
use std::os::fd::BorrowedFd;
use std::time::Duration;

use linux_raw_sys::net::tcp_info;
use rustix::io;

use super::faults::{self, Call};
use super::options::get_option;

/// The fields of `TCP_INFO` that concern a handshake.
#[derive(Clone, Copy, Debug)]
pub struct TcpInfo {
    /// The state, a `TCP_*` constant of `linux/tcp_states.h`.
    pub state: u8,
    /// The smoothed round trip time in microseconds; 0 if the kernel has no sample.
    pub rtt_us: u32,
    /// The number of SYN retransmissions.
    pub retransmits: u32,
    /// The number of sent segments; 0 on kernels before 4.2.
    pub segments_out: u32,
    /// The time since the SYN-ACK, in the kernel's jiffies, unless data came. On kernels before 4.18, the time since the
    /// peer's last acknowledgment.
    pub since_syn_ack: Duration,
    /// The number of received bytes, in which a FIN counts as one; 0 on kernels before 4.1.
    pub bytes_received: u64,
    /// The maximum time by which the kernel delays an ACK after the handshake: 40 ms, or less if the minimum RTO of the
    /// route or of the system is shorter (`tcp_delack_max()`, since 6.7).
    pub ack_delay: Duration,
    /// Whether the peer has acknowledged the SYN. True on kernels before 4.1, which don't report it.
    pub has_acknowledged: bool,
    /// The peer's options and window, once it has answered.
    pub peer: Peer,
}

/// The options and the window of a SYN-ACK.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Peer {
    /// The options in use: `TCPI_OPT_*`.
    pub options: u8,
    /// The shift of the peer's later windows, if it has sent the window scale option.
    pub window_scale: u8,
    /// The maximum segment size to the peer: its MSS, or less if the route's MTU is smaller.
    pub mss: u32,
    /// The window in bytes; `None` on kernels before 5.4.
    pub window: Option<u32>,
}

impl TcpInfo {
    /// `TCP_SYN_SENT`: no answer yet.
    pub const SYN_SENT: u8 = 2;
    /// `TCP_SYN_RECV`: the peer has sent a SYN instead of an answer (simultaneous open, RFC 9293, 3.5).
    pub const SYN_RECV: u8 = 3;
    /// `TCP_CLOSE`.
    pub const CLOSE: u8 = 7;
    /// `TCP_CLOSE_WAIT`: the peer has sent a FIN.
    pub const CLOSE_WAIT: u8 = 8;
}

/// The kernel's struct as bytes. An older kernel fills fewer bytes, and leaves the rest 0; a newer one has more fields.
type Bytes = [u8; 256];

/// Reads `TCP_INFO`.
pub fn tcp_info(socket: BorrowedFd<'_>) -> io::Result<TcpInfo> {
    faults::pass(Call::TcpInfo)?;
    let (info, length): (Bytes, usize) = get_option(socket, libc::IPPROTO_TCP, libc::TCP_INFO)?;
    let number = |at: usize| u32::from_ne_bytes([info[at], info[at + 1], info[at + 2], info[at + 3]]);
    let number_64 = |at: usize| u64::from_ne_bytes(std::array::from_fn(|i| info[at + i]));
    let has = |at: usize, size: usize| length >= at + size;
    let acknowledged = offset_of!(tcp_info, tcpi_bytes_acked);
    let window = offset_of!(tcp_info, tcpi_snd_wnd);
    // Every later ACK of the peer resets `tcpi_last_ack_recv`. `tcpi_last_data_recv` is set by `tcp_finish_connect()`
    // since 4.11, as on all kernels with `tcpi_delivered`, and is reset only by data.
    let is_set = has(offset_of!(tcp_info, tcpi_delivered), size_of::<u32>());
    let since =
        if is_set { offset_of!(tcp_info, tcpi_last_data_recv) } else { offset_of!(tcp_info, tcpi_last_ack_recv) };
    Ok(TcpInfo {
        state: info[offset_of!(tcp_info, tcpi_state)],
        rtt_us: number(offset_of!(tcp_info, tcpi_rtt)),
        retransmits: number(offset_of!(tcp_info, tcpi_total_retrans)),
        segments_out: number(offset_of!(tcp_info, tcpi_segs_out)),
        since_syn_ack: Duration::from_millis(number(since).into()),
        ack_delay: Duration::from_micros(number(offset_of!(tcp_info, tcpi_ato)).into()),
        bytes_received: number_64(offset_of!(tcp_info, tcpi_bytes_received)),
        has_acknowledged: !has(acknowledged, size_of::<u64>()) || number_64(acknowledged) > 0,
        peer: Peer {
            options: info[offset_of!(tcp_info, tcpi_options)],
            // A bit field of four bits, for which `offset_of!` does not work.
            window_scale: info[offset_of!(tcp_info, tcpi_options) + 1] & 0x0f,
            mss: number(offset_of!(tcp_info, tcpi_snd_mss)),
            window: has(window, size_of::<u32>()).then(|| number(window)),
        },
    })
}
