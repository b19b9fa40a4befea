/** Networks that change during checks, and change back. */

import { assert, assertEquals, assertMatch } from "@std/assert";
import { proves } from "../support/evidence.ts";
import { tally } from "../support/outcome.ts";
import { SERVERS, type Testbed, testbedTest } from "../support/testbed.ts";
import type { Watched } from "../support/watch.ts";
import { halfHandshakes } from "../support/wire.ts";

const CHECKS = 200;

for (const hostname of SERVERS) {
  const up = `${hostname} up`;
  const refused = `${hostname} refused ECONNREFUSED`;
  const target = { hostname, port: 80 };

  testbedTest(`a port of ${hostname} is refused while its listener is closed`, {}, async (testbed, t) => {
    const { client, server } = testbed;
    await server.call("listen", hostname, 80);
    await client.call("watch", target, 5000);
    await client.call("seen", up, CHECKS);
    // Connections before the marker belong to the closing listener; later ones find no listener.
    await server.call("close", hostname, 80);
    assertEquals(tally(await client.call("check", [target], 5000, CHECKS)), { [refused]: CHECKS });
    await client.call("seen", refused, CHECKS);
    await server.call("listen", hostname, 80);
    assertEquals(tally(await client.call("check", [target], 5000, CHECKS)), { [up]: CHECKS });
    await client.call("seen", up, CHECKS);
    const watched = await client.call("unwatch");

    assertAnsweredOnce(watched);
    assertEquals(Object.keys(watched.outcomes).sort(), [refused, up]);
    const ups = watched.outcomes[up] + CHECKS;
    const downs = watched.outcomes[refused] + CHECKS;
    assertEquals(watched.retransmits, 0);
    const { client_ack: acks = 0, ...wire } = await testbed.wire();
    assertEquals(wire, { ...halfHandshakes(ups), client_syn: ups + downs, server_rst: downs });
    await assertReported(testbed, acks, watched);
    proves(t, "changes", `a listener closed and opened again: ${ups} up, ${downs} refused, no other result, no ACK`);
  });

  testbedTest(`a check of ${hostname} is a timeout while the server's link is down`, {}, async (testbed, t) => {
    const counted = await interrupt(testbed, hostname, "server", `${hostname} timeout`);
    proves(t, "changes", `a link down and up: ${counted}, one result per check, no ACK`);
  });

  testbedTest(`${hostname} is unreachable while our own interface is down`, {}, async (testbed, t) => {
    const counted = await interrupt(testbed, hostname, "client", `${hostname} unreachable ENETUNREACH`);
    proves(t, "changes", `an interface down and up: ${counted}, one result per check, no ACK`);
  });
}

for (const engine of ["socket", "raw"] as const) {
  testbedTest(`a changed nexthop changes the source address (engine: ${engine})`, {}, async ({ client, server }, t) => {
    await server.sh("ip addr add 198.51.100.2/24 dev veth1; ip addr add 198.18.0.1/32 dev veth1");
    await client.sh(`
      echo 0 >/proc/sys/net/ipv4/nexthop_compat_mode
      ip addr add 198.51.100.1/24 dev veth0
      ip nexthop add id 1 via 192.0.2.2 dev veth0
      ip route add 198.18.0.0/15 nhid 1
    `);
    await client.call("configure", { engine });
    const check = async () => tally(await client.call("check", ["198.18.0.1:80"], 3000));
    const refused = { "198.18.0.1 refused ECONNREFUSED": 1 };
    assertEquals(await check(), refused);
    await client.sh("ip nexthop replace id 1 via 198.51.100.2 dev veth0");
    // Packets from the old source get no answer.
    await server.sh("ip route add blackhole 192.0.2.1/32");
    assertEquals(await check(), refused);
    proves(t, "changes", "a changed nexthop: the same results, from its source");
  });
}

/**
 * Checks before, while and after an end of the wire is down, with a continuous watch.
 *
 * @returns The counts of the watch.
 */
async function interrupt(
  testbed: Testbed,
  hostname: string,
  end: "client" | "server",
  meanwhile: string,
): Promise<string> {
  const { client, server } = testbed;
  const up = `${hostname} up`;
  const target = { hostname, port: 80 };
  await testbed[end].sh("echo 1 >/proc/sys/net/ipv6/conf/all/keep_addr_on_down");
  await server.call("listen", hostname, 80);
  // Too short for a second SYN, whose effect after lost answers is tested in duplicates_test.ts.
  await client.call("watch", target, 300);
  await client.call("seen", up, CHECKS);
  const device = end === "client" ? "veth0" : "veth1";
  await testbed[end].sh(`ip link set ${device} down`);
  assertEquals(tally(await client.call("check", [target], 300, CHECKS)), { [meanwhile]: CHECKS });
  await client.call("seen", meanwhile, 10);
  await testbed[end].sh(`ip link set ${device} up`);
  await client.call("seen", up, CHECKS);
  assertEquals(tally(await client.call("check", [target], 5000, CHECKS)), { [up]: CHECKS });
  const watched = await client.call("unwatch");

  assertAnsweredOnce(watched);
  // During the change a check may have any outcome but "refused".
  for (const outcome of Object.keys(watched.outcomes)) {
    assertMatch(outcome, / (?:up|timeout|unreachable|local-error)\b/);
  }
  const { client_ack: acks = 0, server_rst: resets } = await testbed.wire();
  assertEquals(resets, undefined);
  await assertReported(testbed, acks, watched);
  return Object.entries(watched.outcomes).map(([outcome, count]) => `${count} ${outcome}`).join(", ");
}

function assertAnsweredOnce({ unanswered, answeredAgain, checks, outcomes }: Watched): void {
  assertEquals({ unanswered, answeredAgain }, { unanswered: 0, answeredAgain: 0 });
  assertEquals(Object.values(outcomes).reduce((sum, count) => sum + count), checks);
}

/** Asserts that ACKs were sent, and connections accepted, only for checks whose results report a late RST. */
async function assertReported({ server }: Testbed, acks: number, { late }: Watched): Promise<void> {
  assert(acks <= late, `${acks} ACKs were sent, and ${late} reported`);
  assert(await server.call("accepted", 80) <= acks);
}
