//! The rules of a scenario, found by address and port.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};
use std::rc::Rc;

use crate::scenario::Rule;

/// Rules by address, with binary search, because there may be thousands of rules.
pub struct Rules {
    all: Vec<Rc<Rule>>,
    /// Sorted by the first address, IPv4 before IPv6.
    spans: Vec<Span>,
}

/// The addresses from the first up to the next span, for which the same rules apply.
struct Span {
    first: IpAddr,
    /// The indices of the rules in order. The first rule that matches applies.
    rules: Vec<usize>,
}

impl Rules {
    pub fn new(all: Vec<Rule>) -> Self {
        let mut starts = vec![Ipv4Addr::UNSPECIFIED.into(), Ipv6Addr::UNSPECIFIED.into()];
        for net in all.iter().filter_map(|rule| rule.to) {
            starts.push(net.network());
            starts.extend(next(net.broadcast()));
        }
        starts.sort_unstable();
        starts.dedup();
        // A prefix contains a span completely, or not at all.
        let rules = |first: &IpAddr| (0..all.len()).filter(|&rule| all[rule].has_address(first)).collect();
        let spans = starts.into_iter().map(|first| Span { first, rules: rules(&first) }).collect();
        Self { all: all.into_iter().map(Rc::new).collect(), spans }
    }

    /// The first rule that matches.
    pub fn find(&self, address: IpAddr, port: u16) -> Option<&Rc<Rule>> {
        let after = self.spans.partition_point(|span| span.first <= address);
        let span = self.spans.get(after.checked_sub(1)?)?;
        span.rules.iter().map(|&rule| &self.all[rule]).find(|rule| rule.has_port(port))
    }
}

/// The next address; `None` after the last of the family.
fn next(address: IpAddr) -> Option<IpAddr> {
    match address {
        IpAddr::V4(v4) => v4.to_bits().checked_add(1).map(|bits| Ipv4Addr::from_bits(bits).into()),
        IpAddr::V6(v6) => v6.to_bits().checked_add(1).map(|bits| Ipv6Addr::from_bits(bits).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_matching_rule_applies() {
        let rules: Vec<Rule> = serde_json::from_str(
            r#"[
                { "to": "198.18.4.0/24", "ports": 80 },
                { "to": "198.18.0.0/16", "ports": [80, 82] },
                { "to": "2001:db8::/32", "ports": 82 },
                { "to": "255.255.255.0/24" },
                { "ports": 83 },
                { "to": "198.18.4.0/23" }
            ]"#,
        )
        .unwrap();
        let rules = Rules::new(rules);
        for address in [
            "0.0.0.0",
            "198.17.255.255",
            "198.18.0.0",
            "198.18.3.255",
            "198.18.4.0",
            "198.18.4.255",
            "198.18.5.0",
            "198.18.5.255",
            "198.18.6.0",
            "198.18.255.255",
            "198.19.0.0",
            "255.255.254.255",
            "255.255.255.255",
            "::",
            "2001:db7:ffff::",
            "2001:db8::",
            "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
            "2001:db9::",
            "ffff::",
        ] {
            let address: IpAddr = address.parse().unwrap();
            for port in 79..85 {
                let first = rules.all.iter().find(|rule| rule.has_address(&address) && rule.has_port(port));
                let found = rules.find(address, port);
                assert_eq!(found.map(Rc::as_ptr), first.map(Rc::as_ptr), "{address}:{port}");
            }
        }
    }
}
