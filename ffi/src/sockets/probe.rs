//! The verdict on a probe, read from its socket.

use std::os::fd::{AsFd, BorrowedFd};

use rustix::io::Errno;

use super::probe_socket::ProbeSocket;
use crate::instant::Instant;
use crate::sys::{self, TcpInfo};
use crate::transport::{Ended, Handshake, HeldAck, SYN_ACK_DELAY, Verdict, fin_delay};

/// The data of a handshake, from `TCP_INFO` read at `read_at`.
fn handshake(info: TcpInfo, read_at: Instant) -> Handshake {
    let ack = ack_of(info, read_at);
    Handshake { rtt_us: info.rtt_us, retransmits: info.retransmits, ack, peer: info.peer }
}

/// The state of the last ACK, from `TCP_INFO` read at `read_at`.
fn ack_of(info: TcpInfo, read_at: Instant) -> HeldAck {
    match info.state {
        // A SYN-ACK may arrive right after the reading. (In SYN_RECV this host has sent a SYN-ACK, but no ACK.)
        TcpInfo::SYN_SENT | TcpInfo::SYN_RECV => HeldAck::Until(read_at + SYN_ACK_DELAY),
        // A half-open handshake sends only SYNs.
        _ if info.segments_out > 1 + info.retransmits => HeldAck::Left,
        TcpInfo::CLOSE => HeldAck::Never,
        // Data has reset the time since the SYN-ACK.
        TcpInfo::CLOSE_WAIT if info.bytes_received > 1 => HeldAck::Left,
        // The time of the FIN is unknown. The earliest is that of the SYN-ACK.
        TcpInfo::CLOSE_WAIT => HeldAck::Until(read_at - info.since_syn_ack + fin_delay(info.ack_delay)),
        _ => HeldAck::Until(read_at - info.since_syn_ack + SYN_ACK_DELAY),
    }
}

/// Closes the socket of a handshake in any state, without a verdict.
pub fn abort(socket: ProbeSocket) -> Ended {
    socket.block_segments();
    let read_at = Instant::now();
    let (ack, retransmits) =
        sys::tcp_info(socket.as_fd()).map_or((HeldAck::Left, 0), |info| (ack_of(info, read_at), info.retransmits));
    let is_half_open = socket.is_half_open();
    drop(socket);
    let at = Instant::now();
    // A full handshake always sends its ACK.
    Ended { at, acknowledged: is_half_open && ack.may_have_left(at), retransmits }
}

/// Reads the verdict on a socket that epoll has reported as connected: `EPOLLOUT`, and neither `EPOLLERR` nor `EPOLLHUP`.
///
/// Blocks segments first, so that one reading is enough. This loses no answer, because the answer has arrived:
/// `tcp_poll()` reports `EPOLLOUT` neither in `SYN_SENT` nor in `SYN_RECV`, and in `CLOSE` only with `EPOLLHUP`. The
/// event is not stale, because only the engine thread connects these sockets, and none between `epoll_wait()` and the last
/// of its events.
pub fn connected(socket: &ProbeSocket) -> Verdict {
    socket.block_segments();
    answered(socket.as_fd())
}

/// Reads the verdict on a socket whose answer may not have arrived. `failed` is whether the socket may have an error.
pub fn verdict(socket: &ProbeSocket, failed: bool) -> Verdict {
    if failed {
        match sys::socket_error(socket.as_fd()) {
            Ok(Ok(())) => {}
            // A RST in SYN_SENT gives ECONNREFUSED, so another segment came before this RST. If the SYN was acknowledged,
            // it was a SYN-ACK, and the port is up, even without an RTT sample. Else it was a SYN of the peer.
            Ok(Err(Errno::CONNRESET | Errno::PIPE)) => {
                let read_at = Instant::now();
                return match sys::tcp_info(socket.as_fd()) {
                    Ok(info) if info.has_acknowledged => Verdict::Up(handshake(info, read_at)),
                    Ok(_) => Verdict::Failed(Errno::CONNREFUSED),
                    Err(errno) => Verdict::Unknown(errno),
                };
            }
            Ok(Err(Errno::TIMEDOUT)) => return Verdict::GaveUp,
            Ok(Err(Errno::CONNREFUSED)) if socket.is_refusal_doubtful() => return Verdict::Doubtful,
            Ok(Err(errno)) => return Verdict::Failed(errno),
            Err(errno) => return Verdict::Unknown(errno),
        }
    }
    let verdict = answered(socket.as_fd());
    if !socket.is_half_open() || !matches!(verdict, Verdict::Up(_)) {
        return verdict;
    }
    // Segments are blocked only now, because a socket that waits for its answer must receive it. The second reading counts
    // all segments that came before the block.
    socket.block_segments();
    answered(socket.as_fd())
}

/// The number of SYN retransmissions so far.
pub fn retransmits(socket: BorrowedFd<'_>) -> u32 {
    sys::tcp_info(socket).map_or(0, |info| info.retransmits)
}

fn answered(socket: BorrowedFd<'_>) -> Verdict {
    let read_at = Instant::now();
    let info = match sys::tcp_info(socket) {
        Ok(info) => info,
        Err(errno) => return Verdict::Unknown(errno),
    };
    if matches!(info.state, TcpInfo::SYN_SENT | TcpInfo::SYN_RECV) || (info.state == TcpInfo::CLOSE && info.rtt_us == 0)
    {
        return Verdict::Pending;
    }
    // A half-open handshake sends only its SYNs, a self-connection also a SYN-ACK. Only then two further system calls are
    // needed. (Kernels before 4.2 don't count segments.)
    if info.segments_out != 1 + info.retransmits {
        match sys::is_self_connected(socket) {
            Ok(true) => return Verdict::SelfConnected,
            Ok(false) => {}
            // It was reset in the meantime, so it was connected to another socket.
            Err(Errno::NOTCONN) => {}
            Err(errno) => return Verdict::Unknown(errno),
        }
    }
    Verdict::Up(handshake(info, read_at))
}

// Miri has no sockets.
#[cfg(all(test, not(miri)))]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::net::sockopt;

    use super::*;
    use crate::config::Config;
    use crate::record::Family;

    fn open(half_open: bool) -> ProbeSocket {
        ProbeSocket::open(&Config::default(), Family::V4, half_open).unwrap()
    }

    fn acknowledged(half_open: bool) -> bool {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = open(half_open);
        // On loopback the answer has arrived when connect() returns.
        sys::connect(socket.as_fd(), &listener.local_addr().unwrap()).unwrap();
        let Verdict::Up(answer) = verdict(&socket, false) else { panic!("it is up") };
        answer.ack == HeldAck::Left
    }

    #[test]
    fn an_ack_that_has_left_is_detected() {
        assert!(!acknowledged(true));
        assert!(acknowledged(false));
    }

    #[test]
    fn a_port_that_resets_after_its_syn_ack_is_up() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let socket = open(false);
        sys::connect(socket.as_fd(), &listener.local_addr().unwrap()).unwrap();
        let (accepted, _) = listener.accept().unwrap();
        sockopt::set_socket_linger(&accepted, Some(Duration::ZERO)).unwrap();
        drop(accepted);
        poll(&mut [PollFd::from_borrowed_fd(socket.as_fd(), PollFlags::empty())], None).unwrap();
        assert!(matches!(verdict(&socket, true), Verdict::Up(_)));
    }
}
