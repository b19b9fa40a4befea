/** The options mark, interface and source, observed by firewalls and by another host. */

import { assertEquals } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { tally } from "../support/outcome.ts";
import { run } from "../support/program.ts";
import { SERVERS, type Testbed, testbedTest } from "../support/testbed.ts";
import { LIST_COUNTERS, parseCounters } from "../support/wire.ts";
import { namespaceTest } from "../support/namespace.ts";

const TARGETS = SERVERS.map((hostname, i) => ({ hostname, port: 80 + i }));
const ROUNDS = 20;

/** Counts segments sent by the client, by mark. */
const MARKS = `
  nft -f - <<'RULES'
  table inet marks {
    counter marked_syn { }
    counter marked_rst { }
    counter unmarked { }
    chain out {
      type filter hook postrouting priority filter
      oifname != "veth0" return
      meta l4proto != tcp return
      meta mark != 7 counter name unmarked return
      tcp flags & (fin|syn|rst|ack) == syn counter name marked_syn
      tcp flags & rst == rst counter name marked_rst
    }
  }
RULES
`;

/** A dead second link to the server, which the routes prefer. */
const DEAD_END = `
  ip link add veth8 type veth peer name veth9
  ip addr add 198.51.100.1/24 dev veth8
  ip addr add 2001:db8:8::1/64 dev veth8 nodad
  ip link set veth8 up
  ip link set veth9 up
  ip neigh add 192.0.2.2 lladdr 02:00:00:00:00:09 dev veth8
  ip neigh add 2001:db8::2 lladdr 02:00:00:00:00:09 dev veth8
`;

testbedTest(
  "every segment of recycled sockets has the mark, and the RST too",
  { client: MARKS },
  async (testbed, t) => {
    const { client } = testbed;
    await listen(testbed);
    await client.call("configure", { mark: 7 });
    await checkInTurn(testbed);
    const counters = parseCounters(await client.sh(LIST_COUNTERS));
    const each = ROUNDS * TARGETS.length;
    assertEquals(counters, { marked_syn: each, marked_rst: each });
    proves(t, "operators", `${each} checks: ${2 * each} segments sent, all marked`);
  },
);

testbedTest("checks use the configured interface, regardless of the routes", {}, async (testbed, t) => {
  const { client } = testbed;
  await listen(testbed);
  await client.sh(DEAD_END);
  await client.sh("ip route add 192.0.2.2/32 dev veth8; ip -6 route add 2001:db8::2/128 dev veth8");
  assertEquals(tally(await client.call("check", TARGETS, 300)), { "192.0.2.2 timeout": 1, "2001:db8::2 timeout": 1 });
  assertEquals(await testbed.wire(), {});
  await client.call("configure", { interface: "veth0" });
  await checkInTurn(testbed);
  const each = ROUNDS * TARGETS.length;
  assertEquals(await testbed.wire(), { client_syn: each, server_syn_ack: each, client_rst: each });
  proves(t, "operators", `${each} checks by an interface without a route: all up`);
});

for (const engine of ["socket", "raw"] as const) {
  const title =
    `none of several hosts is checked by another interface than the one that was asked for (engine: ${engine})`;
  testbedTest(title, {}, async ({ client, server }, t) => {
    const hosts = [2, 3, 4].flatMap((host) => [`192.0.2.${host}`, `2001:db8::${host}`]);
    await server.sh(hosts.slice(2).map((host) => `ip addr add ${host} dev veth1 nodad`).join("\n"));
    await client.sh(DEAD_END);
    await client.sh("ip route add 192.0.2.0/28 dev veth8; ip -6 route add 2001:db8::/112 dev veth8");
    await client.call("configure", { engine, interface: "veth0" });
    const results = await client.call("check", hosts.map((hostname) => ({ hostname, port: 80 })), 3000);
    assertEquals(tally(results), Object.fromEntries(hosts.map((host) => [`${host} refused ECONNREFUSED`, 1])));
    proves(t, "operators", `${hosts.length} hosts by another interface than their route's: all refused`);
  });
}

/** IPv6 sockets that are bound to an interface don't get this error. */
testbedTest(
  "the raw engine reports an absent neighbour on the configured interface",
  {},
  async ({ client }, t) => {
    for (const family of ["ipv4", "ipv6"]) {
      await client.sh(`cd /proc/sys/net/${family}/neigh/veth0; echo 1 >mcast_solicit; echo 100 >retrans_time_ms`);
    }
    await client.call("configure", { engine: "raw", interface: "veth0" });
    const absent = ["192.0.2.77:80", "[2001:db8::77]:80"];
    assertEquals(tally(await client.call("check", absent, 20_000)), {
      "192.0.2.77 unreachable EHOSTUNREACH": 1,
      "2001:db8::77 unreachable EHOSTUNREACH": 1,
    });
    proves(t, "verdicts", "2 absent hosts, by a configured interface: 2 EHOSTUNREACH");
  },
);

testbedTest("checks by a removed interface are local errors, and recover when it is back", {}, async (testbed, t) => {
  const { client, server } = testbed;
  await listen(testbed);
  await client.call("configure", { interface: "veth0" });
  await checkInTurn(testbed);
  await client.sh(`ip link set veth0 netns ${server.pid}`);
  const results = await client.call("check", TARGETS, 300, 50);
  assertEquals(tally(results), { "192.0.2.2 local-error ENODEV": 50, "2001:db8::2 local-error ENODEV": 50 });
  await server.sh(`ip link set veth0 netns ${client.pid}`);
  await client.sh(`
    ip addr add 192.0.2.1/24 dev veth0
    ip addr add 2001:db8::1/64 dev veth0 nodad
    ip link set veth0 up
  `);
  await checkInTurn(testbed);
  proves(t, "operators", "100 checks by a removed interface: 100 local errors, and up when it is back");
});

testbedTest(
  "the raw engine uses an interface that is recreated under the same name",
  {},
  async ({ client, server }, t) => {
    await client.call("configure", { engine: "raw", interface: "veth0" });
    const check = async () => tally(await client.call("check", TARGETS, 3000));
    const refused = { "192.0.2.2 refused ECONNREFUSED": 1, "2001:db8::2 refused ECONNREFUSED": 1 };
    assertEquals(await check(), refused);
    await client.sh("ip link del veth0");
    assertEquals(await check(), { "192.0.2.2 local-error ENODEV": 1, "2001:db8::2 local-error ENODEV": 1 });
    await client.sh(`ip link add veth0 type veth peer name veth1 netns ${server.pid}`);
    for (const [host, name, last] of [[server, "veth1", 2], [client, "veth0", 1]] as const) {
      await host.sh(`
      ip addr add 192.0.2.${last}/24 dev ${name}
      ip addr add 2001:db8::${last}/64 dev ${name} nodad
      ip link set ${name} up
    `);
    }
    assertEquals(await check(), refused);
    proves(t, "operators", "an interface removed and made again: the same results, with local errors in between");
  },
);

testbedTest("checks from a removed source are local errors, and recover when it is back", {}, async (testbed, t) => {
  const { client } = testbed;
  await listen(testbed);
  for (const [i, prefix] of ["192.0.2.5/24", "2001:db8::5/64"].entries()) {
    const [source] = prefix.split("/");
    // The kernel drops packets to an IPv6 address until a kernel thread has added the route.
    const add = `ip addr add ${prefix} dev veth0 nodad
      until ip -${[4, 6][i]} route show table local | grep -q ${source}; do sleep 0.01; done`;
    await client.sh(add);
    await client.call("configure", { source });
    const { hostname } = TARGETS[i];
    const check = async () => tally(await client.call("check", [TARGETS[i]], 500, 20));
    assertEquals(await check(), { [`${hostname} up`]: 20 });
    await client.sh(`ip addr del ${prefix} dev veth0`);
    assertEquals(await check(), { [`${hostname} local-error EADDRNOTAVAIL`]: 20 });
    await client.sh(add);
    assertEquals(await check(), { [`${hostname} up`]: 20 });
  }
  proves(t, "operators", "40 checks from a removed source: 40 local errors, and up when it is back");
});

namespaceTest("a mark without its privilege fails the start of the loop with an error that names it", async () => {
  const script = `await new Checker({ mark: 7 }).checkingLoop().catch(({ message }) => console.log(message));`;
  // The namespace maps no root.
  const { stdout } = await run(script, ["--allow-ffi"], undefined, ["unshare", "--user"]);
  assertEquals(stdout, "Cannot check with mark 7: it needs CAP_NET_ADMIN or, since Linux 5.17, CAP_NET_RAW (EPERM)\n");
});

async function listen({ server }: Testbed): Promise<void> {
  for (const { hostname, port } of TARGETS) await server.call("listen", hostname, port);
}

/** Checks each target repeatedly, with a recycled socket. */
async function checkInTurn({ client }: Testbed): Promise<void> {
  for (let i = 0; i < ROUNDS; i++) {
    const results = await client.call("check", TARGETS, 5000);
    assertEquals(results.map((result) => result.status), ["up", "up"]);
  }
}
