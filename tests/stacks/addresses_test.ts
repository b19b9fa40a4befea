/** Zones, several source addresses, few local ports and few descriptors, with the target on another host. */

import { assertEquals } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { assertHalfHandshakes } from "../support/half_handshakes.ts";
import { synsOf, tally } from "../support/outcome.ts";
import { SERVERS, testbedTest } from "../support/testbed.ts";

const CHECKS = 2000;
const FEW_PORTS = "echo 5000 5009 >/proc/sys/net/ipv4/ip_local_port_range";
/** The limit of descriptors, of which Deno itself uses some. */
const FEW_FILES = "ulimit -n 64";

testbedTest("a link-local address with a zone is up and refused across the wire", {}, async (testbed, t) => {
  const { client, server } = testbed;
  await server.call("listen", "::", 80);
  const index = (await client.sh("ip -oneline link show veth0")).split(":")[0];
  const up = ["[fe80::2%veth0]:80", `[fe80::2%${index}]:80`];
  const results = await client.call("check", [...up, "[fe80::2%veth0]:81"], 5000, 100);
  const outcomes = {
    "fe80::2%veth0 up": 100,
    [`fe80::2%${index} up`]: 100,
    "fe80::2%veth0 refused ECONNREFUSED": 100,
  };
  await assertHalfHandshakes(testbed, results, outcomes, { server_rst: 100 });
  // A zone binds a socket to an interface, which must not affect the next check.
  const others = await client.call("check", ["[::1]:80"], 5000, 300);
  assertEquals(tally(others), { "::1 refused ECONNREFUSED": 300 });
  proves(t, "verdicts", "300 checks of a link-local address: 200 up, 100 refused, no ACK sent");
});

for (const engine of ["socket", "raw"] as const) {
  const title = `a link-local address without a zone has that of the interface or the source (engine: ${engine})`;
  testbedTest(title, {}, async ({ client }, t) => {
    for (const options of [{ interface: "veth0" }, { source: "fe80::1%veth0" }]) {
      await client.call("configure", { engine, ...options });
      const results = await client.call("check", ["[fe80::2]:81", "[fe80::2%veth0]:81"], 3000, 10);
      assertEquals(tally(results), {
        "fe80::2 refused ECONNREFUSED": 10,
        "fe80::2%veth0 refused ECONNREFUSED": 10,
      });
    }
    proves(t, "operators", "40 checks of a link-local address, half of them without its zone: all refused");
  });
}

const TWO_SOURCES = {
  client: FEW_PORTS,
  server: `
    ip addr add 198.51.100.2/32 dev veth1
    ip addr add 2001:db8:1::2/128 dev veth1 nodad
    nft -f - <<'RULES'
    table inet rules {
      counter first_source { }
      counter second_source { }
      chain in {
        type filter hook input priority filter
        tcp flags & (fin|syn|rst|ack) == syn ip saddr 192.0.2.1 ip daddr 192.0.2.2 counter name first_source
        tcp flags & (fin|syn|rst|ack) == syn ip saddr 192.0.2.5 ip daddr 198.51.100.2 counter name second_source
        tcp flags & (fin|syn|rst|ack) == syn ip6 saddr 2001:db8::1 ip6 daddr 2001:db8::2 counter name first_source
        tcp flags & (fin|syn|rst|ack) == syn ip6 saddr 2001:db8::5 ip6 daddr 2001:db8:1::2 counter name second_source
      }
    }
RULES
  `,
};
testbedTest(
  "checks use the source address of their route, with ten local ports",
  TWO_SOURCES,
  async (testbed, t) => {
    const { client, server } = testbed;
    await client.sh(`
    ip addr add 192.0.2.5/24 dev veth0
    ip addr add 2001:db8::5/64 dev veth0 nodad
    ip route add 198.51.100.0/24 via 192.0.2.2 src 192.0.2.5
    ip route add 2001:db8::2/128 dev veth0 src 2001:db8::1
    ip route add 2001:db8:1::/64 via 2001:db8::2 src 2001:db8::5
  `);
    await server.call("listen", "0.0.0.0", 80);
    await server.call("listen", "::", 81);
    const targets = ["192.0.2.2:80", "198.51.100.2:80", "[2001:db8::2]:81", "[2001:db8:1::2]:81"];
    const results = await client.call("check", targets, 5000, 500);
    const outcomes = {
      "192.0.2.2 up": 500,
      "198.51.100.2 up": 500,
      "2001:db8::2 up": 500,
      "2001:db8:1::2 up": 500,
    };
    assertEquals(synsOf(results), CHECKS);
    await assertHalfHandshakes(testbed, results, outcomes, { first_source: 1000, second_source: 1000 }, [80, 81]);
    proves(t, "scarcity", "2,000 checks from two sources of a family and ten ports: all up, 6,000 segments");
  },
);

/** A route that works only from its preferred source address. */
const WAY_OF_A_SOURCE = `
  ip neigh add 192.0.2.9 lladdr 02:00:00:00:00:09 dev veth0
  ip addr add 192.0.2.7/32 dev veth0
  ip route add 198.18.0.0/15 via 192.0.2.9 src 192.0.2.7
  ip rule add from 192.0.2.7 lookup 100
  ip route add 198.18.0.0/15 via 192.0.2.2 table 100
`;
for (const engine of ["socket", "raw"] as const) {
  testbedTest(
    `routing rules that match the source are followed (engine: ${engine})`,
    {},
    async ({ client, server }, t) => {
      await server.sh("ip addr add 198.18.0.1/32 dev veth1");
      await client.sh(WAY_OF_A_SOURCE);
      await client.call("configure", { engine });
      const results = await client.call("check", ["198.18.0.1:80"], 3000, 20);
      assertEquals(tally(results), { "198.18.0.1 refused ECONNREFUSED": 20 });
      proves(t, "verdicts", "20 checks by a route that works only from its preferred source: all refused");
    },
  );
}

for (const [name, client] of [["ten local ports", FEW_PORTS], ["64 descriptors", FEW_FILES]]) {
  for (const hostname of SERVERS) {
    const title = `2,000 checks at once of ${hostname} are all up with ${name}`;
    testbedTest(title, { client }, async (testbed, t) => {
      const { client, server } = testbed;
      await server.call("listen", hostname, 80);
      const results = await client.call("check", [{ hostname, port: 80 }], 5000, CHECKS);
      assertEquals(synsOf(results), CHECKS);
      await assertHalfHandshakes(testbed, results, { [`${hostname} up`]: CHECKS });
      proves(t, "scarcity", `2,000 checks with ${name}: all up, 6,000 segments`);
    });
  }
}
