/** Unreachable addresses. */

import { assertEquals } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { engineNamespaceTest } from "../support/engines.ts";
import { WIRE } from "../support/namespace.ts";
import { outcome } from "../support/outcome.ts";
import { check, sent } from "../support/check_one.ts";

engineNamespaceTest("no route is unreachable", async (engine, t) => {
  const setup = `${WIRE}
    ip route add unreachable 198.51.100.1
    ip route add unreachable 2001:db8:1::1
  `;
  const { results } = await check(engine, ["198.51.100.1:80", "[2001:db8:1::1]:80", "198.51.100.2:80"], setup);
  assertEquals(results.map(outcome), [
    "198.51.100.1 unreachable EHOSTUNREACH",
    "2001:db8:1::1 unreachable EHOSTUNREACH",
    "198.51.100.2 unreachable ENETUNREACH",
  ]);
  assertEquals(results.map(sent), Array(3).fill(engine.name === "connect" ? undefined : false));
  proves(t, "verdicts", results.map(outcome).join(", "));
});

engineNamespaceTest("a neighbour that doesn't answer is unreachable", async (engine, t) => {
  const setup = `${WIRE}
    for family in ipv4 ipv6; do
      echo 20 >/proc/sys/net/$family/neigh/veth0/retrans_time_ms
      echo 1 >/proc/sys/net/$family/neigh/veth0/mcast_solicit
    done
  `;
  const { results } = await check(engine, ["192.0.2.7:80", "[2001:db8::7]:80"], setup);
  assertEquals(results.map(outcome), ["192.0.2.7 unreachable EHOSTUNREACH", "2001:db8::7 unreachable EHOSTUNREACH"]);
  assertEquals(results.map(sent), Array(2).fill(engine.name === "connect" ? undefined : true));
  proves(t, "verdicts", results.map(outcome).join(", "));
});

engineNamespaceTest("a router's ICMP error is unreachable, a silent router is a timeout", async (engine, t) => {
  // The router is the other end of the wire: a separate routing table forwards its packets.
  const setup = `${WIRE}
    ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:02 dev veth0
    ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:02 dev veth0
    ip route add 198.51.100.0/24 via 192.0.2.2
    ip route add 2001:db8:1::/48 via 2001:db8::2
    echo 1 >/proc/sys/net/ipv4/ip_forward
    echo 1 >/proc/sys/net/ipv6/conf/all/forwarding
    echo 1 >/proc/sys/net/ipv4/conf/veth1/accept_local
    for i in all veth1; do echo 0 >/proc/sys/net/ipv4/conf/$i/rp_filter; done
    ip rule add pref 100 iif veth1 lookup 100
    ip -6 rule add pref 100 iif veth1 lookup 100
    ip route add unreachable 198.51.100.1 table 100
    ip route add prohibit 198.51.100.2 table 100
    ip route add blackhole 198.51.100.3 table 100
    ip route add unreachable 2001:db8:1::1 table 100
    ip route add prohibit 2001:db8:1::2 table 100
    ip route add blackhole 2001:db8:1::3 table 100
  `;
  const hosts = [1, 2, 3].flatMap((host) => [`198.51.100.${host}:80`, `[2001:db8:1::${host}]:80`]);
  // The router is so near that its answer may arrive while connect() holds the socket's lock. Then only the answer to the
  // second SYN counts.
  const { results } = await check(engine, hosts, setup, 1500);
  assertEquals(results.map(outcome), [
    "198.51.100.1 unreachable EHOSTUNREACH",
    "2001:db8:1::1 unreachable ENETUNREACH",
    "198.51.100.2 unreachable EHOSTUNREACH",
    // From the network this error means a firewall. From this host it would be a local error.
    `2001:db8:1::2 ${engine.distinguishesNetworkErrors ? "unreachable" : "local-error"} EACCES`,
    "198.51.100.3 timeout",
    "2001:db8:1::3 timeout",
  ]);
  proves(t, "verdicts", results.map(outcome).join(", "));
});
