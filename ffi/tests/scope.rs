//! A socket that probed a link-local address is bound to its interface.

mod common;

use common::{Checks, free_address, namespace, request};
use tcp_shaker::status::Status;

#[test]
fn a_socket_that_probed_a_link_local_address_is_not_lent_to_another_interface() {
    const SETUP: &str = "ip link add veth0 type veth peer name veth1; ip link set veth0 up; ip link set veth1 up; \
        ip addr add fe80::a/64 dev veth0 nodad; ip addr add fe80::b/64 dev veth1 nodad";
    if !namespace::entered("a_socket_that_probed_a_link_local_address_is_not_lent_to_another_interface", SETUP) {
        return;
    }
    let port = free_address("[::]:0").port();
    let mut checks = Checks::start();
    for (id, host) in ["fe80::a%veth0", "fe80::b%veth1", "::1", "fe80::a%veth0"].into_iter().enumerate() {
        let record = checks.check(request(id as u32, host, port));
        assert_eq!(Status::from_code(record.status), Some(Status::Refused), "{host}: {record:?}");
    }
}
