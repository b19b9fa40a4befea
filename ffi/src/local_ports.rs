//! The number of local ports that connect() may choose.

use std::fs::read_to_string;

/// The number of ports in the system's range, without reserved ports. `None` if the range can't be read.
pub fn count() -> Option<usize> {
    let range = read_to_string("/proc/sys/net/ipv4/ip_local_port_range").ok()?;
    let reserved = read_to_string("/proc/sys/net/ipv4/ip_local_reserved_ports").unwrap_or_default();
    available(&range, &reserved)
}

/// The number of ports in a range ("32768 60999") without the reserved ones ("33000,40000-40100").
fn available(range: &str, reserved: &str) -> Option<usize> {
    let mut ends = range.split_whitespace().map_while(|end| end.parse::<u16>().ok());
    let (first, last) = (ends.next()?, ends.next()?);
    let reserved: usize = reserved.trim().split(',').map(|ports| overlap(ports, first, last)).sum();
    Some(length(first, last).saturating_sub(reserved))
}

/// The number of ports of "40000" or "40000-40100" that are between `first` and `last`.
fn overlap(ports: &str, first: u16, last: u16) -> usize {
    let (from, to) = ports.split_once('-').unwrap_or((ports, ports));
    let (Ok(from), Ok(to)) = (from.parse::<u16>(), to.parse::<u16>()) else { return 0 };
    length(from.max(first), to.min(last))
}

fn length(first: u16, last: u16) -> usize {
    (usize::from(last) + 1).saturating_sub(first.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reserved_ports_are_left_out() {
        let of = |reserved| available("61000\t61007\n", reserved);
        let all = ["", "\n", "80,1000-2000", "61000", "60000-61001,61007-62000", "1-65535", "garbage"];
        assert_eq!(all.map(of), [8, 8, 8, 7, 5, 0, 8].map(Some));
        assert_eq!([available("", ""), available("61000", "")], [None; 2]);
    }
}
