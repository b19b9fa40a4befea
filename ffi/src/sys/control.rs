//! Control messages (`cmsghdr`) of received packets.

use std::net::Ipv6Addr;

use rustix::io::Errno;

/// The destination of the packet, the first field of its `in6_pktinfo`.
pub fn destination(control: &[u8]) -> Option<Ipv6Addr> {
    let mut all = messages(control);
    let (_, _, data) = all.find(|(level, kind, _)| (*level, *kind) == (libc::IPPROTO_IPV6, libc::IPV6_PKTINFO))?;
    Some((*data.first_chunk::<16>()?).into())
}

/// The time at which the kernel received the packet (`SO_TIMESTAMPNS`), in ns of the real-time clock.
pub fn timestamp(control: &[u8]) -> Option<u64> {
    let mut all = messages(control);
    let (_, _, data) = all.find(|(level, kind, _)| (*level, *kind) == (libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS))?;
    let (seconds, rest) = data.split_first_chunk::<8>()?;
    let nanos = rest.first_chunk::<8>()?;
    let (seconds, nanos) = (i64::from_ne_bytes(*seconds), i64::from_ne_bytes(*nanos));
    u64::try_from(seconds).ok()?.checked_mul(1_000_000_000)?.checked_add(nanos.try_into().ok()?)
}

/// The error of a message of the error queue, the first field of its `sock_extended_err`.
pub fn error(control: &[u8]) -> Option<Errno> {
    const KINDS: [(i32, i32); 2] = [(libc::IPPROTO_IP, libc::IP_RECVERR), (libc::IPPROTO_IPV6, libc::IPV6_RECVERR)];
    let mut all = messages(control);
    let (_, _, data) = all.find(|(level, kind, _)| KINDS.contains(&(*level, *kind)))?;
    let errno = i32::from_ne_bytes(*data.first_chunk()?);
    // `rustix` accepts only the kernel's range of errnos.
    (1..4096).contains(&errno).then(|| Errno::from_raw_os_error(errno))
}

/// The control messages (`CMSG_NXTHDR`): level, type, and data.
fn messages(mut control: &[u8]) -> impl Iterator<Item = (i32, i32, &[u8])> {
    const HEADER: usize = size_of::<libc::cmsghdr>();
    std::iter::from_fn(move || {
        let (length, rest) = control.split_first_chunk::<{ size_of::<usize>() }>()?;
        let (level, rest) = rest.split_first_chunk::<4>()?;
        let kind = rest.first_chunk::<4>()?;
        let length = usize::from_ne_bytes(*length);
        let data = control.get(HEADER..length)?;
        control = control.get(length.next_multiple_of(size_of::<usize>())..).unwrap_or_default();
        Some((i32::from_ne_bytes(*level), i32::from_ne_bytes(*kind), data))
    })
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn message(level: i32, kind: i32, data: &[u8]) -> Vec<u8> {
        let length = size_of::<libc::cmsghdr>() + data.len();
        let mut message = [&length.to_ne_bytes()[..], &level.to_ne_bytes(), &kind.to_ne_bytes(), data].concat();
        message.resize(length.next_multiple_of(size_of::<usize>()), 0);
        message
    }

    proptest! {
        #[test]
        fn the_time_and_the_error_are_found_by_their_types(
            seconds in 0..u64::from(u32::MAX), nanos in 0..1_000_000_000u64, errno in 1..4096i32, v6 in any::<bool>(),
        ) {
            let time = [seconds.to_ne_bytes(), nanos.to_ne_bytes()].concat();
            let time = message(libc::SOL_SOCKET, libc::SCM_TIMESTAMPNS, &time);
            let (level, kind) =
                if v6 { (libc::IPPROTO_IPV6, libc::IPV6_RECVERR) } else { (libc::IPPROTO_IP, libc::IP_RECVERR) };
            let failure = message(level, kind, &[&errno.to_ne_bytes()[..], &[2, 3, 1, 0]].concat());
            let address = Ipv6Addr::from([7; 16]);
            let to = message(libc::IPPROTO_IPV6, libc::IPV6_PKTINFO, &[&address.octets()[..], &[1, 0, 0, 0]].concat());
            for control in [[&time[..], &to, &failure].concat(), [&failure[..], &to, &time].concat()] {
                prop_assert_eq!(destination(&control), Some(address));
                prop_assert_eq!(timestamp(&control), Some(seconds * 1_000_000_000 + nanos));
                prop_assert_eq!(error(&control), Some(Errno::from_raw_os_error(errno)));
            }
            prop_assert_eq!((error(&time), timestamp(&failure), destination(&time)), (None, None, None));
        }

        #[test]
        fn any_control_messages_are_parsed_or_skipped(control in vec(any::<u8>(), 0..128)) {
            let _ = (error(&control), timestamp(&control), destination(&control));
        }
    }

    #[test]
    fn an_errno_out_of_range_is_none() {
        for errno in [0, -1, 4096, i32::MAX] {
            assert_eq!(error(&message(libc::IPPROTO_IP, libc::IP_RECVERR, &errno.to_ne_bytes())), None);
        }
    }
}
