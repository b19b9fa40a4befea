/** The raw engine on a host with two uplinks: its RSTs take the uplink of its SYNs, regardless of the routes. */

import { assert, assertEquals } from "@std/assert";
import type { CheckerOptions } from "../../mod.ts";
import { proves } from "../support/evidence.ts";
import { tally } from "../support/outcome.ts";
import { type Testbed, testbedTest } from "../support/testbed.ts";
import { parseCounters } from "../support/wire.ts";

/** The second uplink of both hosts, with separate prefixes. The first uplink is the testbed's wire. */
const CLIENT_UPLINK = `
  ip link set up0 addrgenmode none
  ip addr add 203.0.113.1/24 dev up0
  ip addr add 2001:db8:3::1/64 dev up0 nodad
  ip link set up0 up
`;
const SERVER_UPLINK = `
  ip link set up1 addrgenmode none
  ip addr add 203.0.113.2/24 dev up1
  ip addr add 2001:db8:3::2/64 dev up1 nodad
  ip link set up1 up
`;

/** The targets, reachable by both uplinks. */
const HOSTS = ["198.51.100.2", "2001:db8:5::2"];
const TARGETS = HOSTS.map((hostname) => ({ hostname, port: 80 }));

/** The routes to them, by family: by the first uplink, and by the second. */
const WAYS = {
  first: ["via 192.0.2.2 dev veth0", "via 2001:db8::2 dev veth0"],
  second: ["via 203.0.113.2 dev up0", "via 2001:db8:3::2 dev up0"],
};

/**
 * Counters of both uplinks, and a strict reverse path filter, which drops a packet if the route to its source uses
 * another link. (IPv6 has no rp_filter; an nft rule filters both families.)
 */
const ARRIVALS = `
  nft -f - <<'RULES'
  table inet uplinks {
    counter first_syn { }
    counter first_rst { }
    counter first_other { }
    counter second_syn { }
    counter second_rst { }
    counter second_other { }
    counter misrouted { }
    chain count {
      iifname "veth1" tcp flags & (fin|syn|rst|ack) == syn counter name first_syn return
      iifname "veth1" tcp flags & rst == rst counter name first_rst return
      iifname "veth1" counter name first_other return
      iifname "up1" tcp flags & (fin|syn|rst|ack) == syn counter name second_syn return
      iifname "up1" tcp flags & rst == rst counter name second_rst return
      iifname "up1" counter name second_other return
    }
    chain arriving {
      type filter hook prerouting priority -350
      meta l4proto tcp jump count
    }
    counter syn_acks { }
    chain leaving {
      type filter hook output priority filter
      tcp flags & (fin|syn|rst|ack) == (syn|ack) counter name syn_acks
    }
    chain strict {
      type filter hook prerouting priority -340
      meta l4proto tcp fib saddr . iif oif missing counter name misrouted drop
    }
  }
RULES
`;
/** Lists the counters of that table alone. */
const LIST = "nft --json list counters table inet uplinks";

/** Checks of each target. */
const TIMES = 50;
const CHECKS = TIMES * TARGETS.length;

/** Options that make checks use the second uplink, although the routes name the first. */
const STEERED: Record<string, { options: CheckerOptions; setup: string }> = {
  "an interface": { options: { interface: "up0" }, setup: "" },
  "a mark": { options: { mark: 7 }, setup: rules("fwmark 7") },
  "a TOS": { options: { tos: 0x10 }, setup: rules("tos 0x10") },
};

for (const [name, { options, setup }] of Object.entries(STEERED)) {
  testbedTest(`RSTs of the raw engine take the path of SYNs with ${name}`, {}, async (testbed, t) => {
    await connectTwice(testbed);
    await testbed.client.sh(`${routes("add", "first")}\n${setup}`);
    await testbed.client.call("configure", { ...options, engine: "raw" });
    const results = await testbed.client.call("check", TARGETS, 10_000, TIMES);
    assertEquals(tally(results), Object.fromEntries(HOSTS.map((host) => [`${host} up`, TIMES])));
    await assertReset(testbed, CHECKS);
    // The kernel's RSTs take the first uplink, and may not have arrived yet.
    const { first_rst: _first, misrouted: _misrouted, ...others } = await arrivals(testbed);
    assertEquals(others, { second_syn: CHECKS, second_rst: CHECKS, syn_acks: CHECKS });
    proves(
      t,
      "operators",
      `${CHECKS} checks by ${name}: ${CHECKS} RSTs by the uplink of the SYNs, 0 half-open entries left`,
    );
  });
}

/** Routing by which the kernel's RSTs take another uplink than SYNs, of one address family or both. */
const DIVERTED: Record<string, { families: number[]; setup: string }> = {
  // The kernel routes a SYN of IPv6 before it knows the source address.
  "an IPv6 rule for the source address": {
    families: [1],
    setup: `${routes("add", "first")}\n${rules("from 2001:db8::1", [1])}`,
  },
  "a rule for the protocol": { families: [0, 1], setup: `${routes("add", "first")}\n${rules("ipproto tcp")}` },
  "next hops chosen by ports": {
    families: [0, 1],
    setup: `echo 1 >/proc/sys/net/ipv4/fib_multipath_hash_policy
      echo 1 >/proc/sys/net/ipv6/fib_multipath_hash_policy
      ${HOSTS.map((host, i) => `ip route add ${host} nexthop ${WAYS.first[i]} nexthop ${WAYS.second[i]}`).join("\n")}`,
  },
};

for (const [name, { families, setup }] of Object.entries(DIVERTED)) {
  testbedTest(`RSTs of the raw engine take the path of SYNs with ${name}`, {}, async (testbed, t) => {
    await connectTwice(testbed);
    await testbed.client.sh(setup);
    await testbed.client.call("configure", { engine: "raw" });
    const results = await testbed.client.call("check", families.map((i) => TARGETS[i]), 10_000, TIMES);
    assertEquals(tally(results), Object.fromEntries(families.map((i) => [`${HOSTS[i]} up`, TIMES])));
    const checks = families.length * TIMES;
    await assertReset(testbed, checks);
    // The kernel's RST is sent before the engine's. On the same path both would have arrived.
    const { first_rst = 0, second_rst = 0, misrouted = 0 } = await arrivals(testbed);
    const arrived = first_rst + second_rst - misrouted;
    assert(arrived < 2 * checks, "the kernel's RSTs took the path of the SYNs");
    proves(t, "operators", `${checks} checks with ${name}: ${arrived} RSTs arrived, 0 half-open entries left`);
  });
}

testbedTest("RSTs take the path of their SYNs while an IPv6 rule is added and removed", {}, async (testbed, t) => {
  await connectTwice(testbed);
  const { client } = testbed;
  await client.sh(`${routes("add", "first")}\nip -6 route add default ${WAYS.second[1]} table 7`);
  await client.call("configure", { engine: "raw", rate: 500 });
  const changes = 40;
  const checks = client.call("check", [TARGETS[1]], 10_000, 1000);
  for (let i = 0; i < changes; i++) {
    await client.sh(`ip -6 rule ${i % 2 === 0 ? "add" : "del"} from 2001:db8::1 lookup 7`);
  }
  assertEquals(tally(await checks), { [`${HOSTS[1]} up`]: 1000 });
  await assertReset(testbed, 1000);
  proves(t, "operators", `1000 checks during ${changes} changes of a rule for the source: 0 half-open entries left`);
});

testbedTest("RSTs take the path of their SYNs while the routes change", {}, async (testbed, t) => {
  await connectTwice(testbed);
  const { client } = testbed;
  await client.sh(routes("add", "first"));
  await client.call("configure", { engine: "raw", interface: "up0", rate: 500 });
  const changes = 40;
  const checks = client.call("check", TARGETS, 10_000, 500);
  for (let i = 0; i < changes; i++) await client.sh(routes("replace", i % 2 === 0 ? "second" : "first"));
  assertEquals(tally(await checks), Object.fromEntries(HOSTS.map((host) => [`${host} up`, 500])));
  await assertReset(testbed, 1000);
  const { second_syn: syns, first_syn: astray } = await arrivals(testbed);
  assertEquals([syns, astray], [1000, undefined]);
  proves(t, "operators", `1000 checks by an interface during ${changes} changes of routes: 0 half-open entries left`);
});

testbedTest("a SYN-ACK retransmitted after its check has ended is reset too", {}, async (testbed, t) => {
  await connectTwice(testbed);
  const { client, server } = testbed;
  await client.sh(routes("add", "first"));
  await server.sh(`nft add chain inet uplinks lossy '{ type filter hook prerouting priority -330; }'
    nft add rule inet uplinks lossy tcp flags rst drop`);
  await client.call("configure", { engine: "raw", interface: "up0" });
  const results = await client.call("check", TARGETS, 10_000, TIMES);
  assertEquals(results.filter(({ status }) => status !== "up"), []);
  assertEquals(await halfOpen(testbed), CHECKS);
  // The second retransmission of a SYN-ACK, 3 s after the first, comes later than idle ports are normally held.
  await eventually(async () => (await arrivals(testbed)).syn_acks >= 3 * CHECKS);
  await server.sh("nft flush chain inet uplinks lossy");
  await eventually(async () => await halfOpen(testbed) === 0 || (await arrivals(testbed)).syn_acks > 4 * CHECKS);
  assertEquals(await halfOpen(testbed), 0);
  proves(t, "operators", `${CHECKS} checks whose first RSTs were lost: reset after a retransmitted SYN-ACK`);
});

/** Adds the second uplink, and on the server the addresses that are checked. */
async function connectTwice({ client, server }: Testbed): Promise<void> {
  await client.sh(`ip link add up0 type veth peer name up1 netns ${server.pid}`);
  await server.sh(SERVER_UPLINK);
  await client.sh(CLIENT_UPLINK);
  await server.sh(HOSTS.map((host) => `ip addr add ${host} dev lo nodad`).join("\n"));
  // A socket bound to the second uplink uses it, even if the other route has a better metric.
  await client.sh(HOSTS.map((host, i) => `ip route add ${host} ${WAYS.second[i]} metric 2000`).join("\n"));
  await server.sh("for all in all veth1 up1; do echo 1 >/proc/sys/net/ipv4/conf/$all/rp_filter; done");
  await server.sh(ARRIVALS);
  await server.call("listen", "::", 80);
}

/** Shell commands that set the routes to an uplink. */
function routes(verb: "add" | "replace", way: keyof typeof WAYS): string {
  return HOSTS.map((host, i) => `ip route ${verb} ${host} ${WAYS[way][i]}`).join("\n");
}

/** Shell commands that route packets by the second uplink if a rule matches, by default of both address families. */
function rules(selector: string, families = [0, 1]): string {
  const commands = families.map((i) => `
    ip -${[4, 6][i]} rule add ${selector} lookup 7
    ip -${[4, 6][i]} route add default ${WAYS.second[i]} table 7
  `);
  return commands.join("");
}

/** The packets received by each uplink so far, without zero counters. */
async function arrivals({ server }: Testbed): Promise<Record<string, number>> {
  return parseCounters(await server.sh(LIST));
}

/** The number of the server's half-open entries. */
async function halfOpen({ server }: Testbed): Promise<number> {
  const lines = await server.sh("ss --no-header --tcp --numeric state syn-recv");
  return lines.split("\n").filter((line) => line !== "").length;
}

/**
 * Asserts that the server's half-open entries disappear before it retransmits a SYN-ACK, because each check's RST arrives.
 */
async function assertReset(testbed: Testbed, checks: number): Promise<void> {
  await eventually(async () => await halfOpen(testbed) === 0 || (await arrivals(testbed)).syn_acks > checks);
  assertEquals([await halfOpen(testbed), (await arrivals(testbed)).syn_acks], [0, checks]);
}

/** Polls a condition, because the kernel sends no notification. Each poll starts several processes. */
async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  while (!await isSo()) await new Promise((resolve) => setTimeout(resolve, 200));
}
