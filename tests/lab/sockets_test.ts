/** Packet options on the wire: TOS, source, and the limit of SYN retransmissions. */

import { assert, assertEquals } from "@std/assert";
import type { CheckResult } from "../../mod.ts";
import type { Input } from "../scripts/check.ts";
import { type Behaviour, listening, type Reply, type Rule, silent } from "../support/behaviour.ts";
import { proves } from "../support/evidence.ts";
import { type Lab, labTest } from "../support/lab.ts";
import type { NamespaceOptions } from "../support/namespace.ts";

const HOSTS = ["198.18.0.1:80", "[2001:db8::1]:80"];
/** A timeout after all permitted retransmissions. */
const LONG = { timeout: 30_000 };

for (const [name, behaviour] of Object.entries({ "at once": listening(5), "the second SYN": second(listening(5)) })) {
  labTest(`all segments have the TOS byte or traffic class, where ${name} is answered`, async (lab, test) => {
    const rules = [behaviour];
    const checks = HOSTS.flatMap((target) => [
      { target, options: { timeout: 3000 } },
      { target: target.replace(":80", ":81"), options: { timeout: 3000, zeroLinger: false } },
    ]);
    const { results, wire } = await lab.check({ rules }, checks, {}, { tos: 0xb8 });
    assertEquals(results.map(({ status }) => status), checks.map(() => "up"));
    const sent = wire.segments.filter(({ from }) => from === "client");
    assertEquals(sent.filter(({ tos }) => tos !== 0xb8), []);
    const kinds = new Set(sent.map(({ kind }) => kind));
    assert(kinds.isSupersetOf(new Set(["SYN", "RST", "ACK", "FIN"])), [...kinds].join());
    proves(
      test,
      "operators",
      `${sent.length} segments of half-open checks and full handshakes, all with the configured TOS`,
    );
  });
}

labTest("an answer to a replaced socket is reset by the kernel, without the TOS byte", async (lab, test) => {
  const replies = [2, 1].map((syn, i): Reply => ({ send: { kind: "syn-ack" }, syns: [syn], after: 100 + i * 1300 }));
  const checks = [...HOSTS, "198.19.0.1:80"].map((target) => ({ target, options: { timeout: 3000 } }));
  const rules: Rule[] = [{ to: "198.19.0.0/16", ...silent }, { replies }];
  const { wire } = await lab.check({ rules }, checks, {}, { tos: 0xb8 });
  for (const host of HOSTS) {
    const resets = wire.with(host).filter(({ from, kind }) => from === "client" && kind === "RST");
    assertEquals(resets.map(({ tos = 0 }) => tos), [0xb8, 0]);
  }
  proves(test, "operators", "2 late answers: the RST of a closed socket has no TOS, as documented");
});

for (const [source, host] of [["192.0.2.7", HOSTS[0]], ["2001:db8:ffff::7", HOSTS[1]]]) {
  labTest(`checks come from ${source}, which is not the route's source`, async (lab, test) => {
    const setup = "ip addr add 192.0.2.7/32 dev lab0; ip addr add 2001:db8:ffff::7/128 dev lab0 nodad";
    const checks = [{ target: host, options: { timeout: 3000 } }];
    const { results, wire } = await lab.check({ rules: [second(listening(5))] }, checks, { setup }, { source });
    assertEquals(results.map(({ status }) => status), ["up"]);
    assertEquals(wire.sentTo(host), ["SYN", "SYN", "RST"]);
    const from = wire.with(host).map(({ client }) => client.replace(/:\d+$/, ""));
    assertEquals(new Set(from), new Set([source.includes(":") ? `[${source}]` : source]));
    proves(test, "operators", "2 SYNs and a RST from the configured source");
  });
}

/**
 * Since Linux 6.5 the first few intervals have the same length (`tcp_syn_linear_timeouts`); before that each doubles.
 * Since 6.15 there may be a maximum (`tcp_rto_max_ms`).
 */
for (
  const [linear, longest, limits] of [
    [4, 120_000, [0, 1, 2, 3, 5]],
    [0, 120_000, [0, 1, 2]],
    [4, 1000, [6]],
    [0, 1000, [0, 1, 3]],
    [0, 2500, [3]],
  ] as const
) {
  const setup = `
    echo ${linear} >/proc/sys/net/ipv4/tcp_syn_linear_timeouts
    if [ ${longest} != 120000 ]; then echo ${longest} >/proc/sys/net/ipv4/tcp_rto_max_ms; fi
  `;
  const waits = `${linear} equal waits and none above ${longest} ms`;
  labTest(`SYNs are retransmitted up to the limit, with ${waits}`, async (lab, test) => {
    const checks = HOSTS.flatMap((target) => [
      { target, options: LONG },
      { target: target.replace(":80", ":81"), options: { ...LONG, zeroLinger: false } },
    ]);
    await Promise.all(limits.map(async (synRetries) => {
      const { results, wire } = await checkInTime(lab, checks, { setup }, synRetries);
      for (const { target } of checks) {
        assertEquals(wire.sentTo(target), Array(1 + synRetries).fill("SYN"), `${synRetries} retries: ${target}`);
      }
      for (const result of results) assertGivenUp(result, synRetries);
    }));
    proves(
      test,
      "operators",
      `${checks.length} silent hosts, ${waits}, ${limits.join(", ")} SYN retries: one SYN more than retries`,
    );
  });
}

labTest(
  "after a SYN-ACK with a wrong number the kernel sends one SYN at once, which the limit counts",
  async (lab, test) => {
    const rules: Rule[] = [{ replies: [{ send: { kind: "syn-ack", off: 7 }, after: 5 }] }];
    const checks = HOSTS.map((target) => ({ target, options: LONG }));
    // SYNs by limit. Only the limit 0 is exceeded.
    const sent = [2, 2, 3];
    await Promise.all(sent.map(async (syns, synRetries) => {
      const { results, wire } = await lab.check({ rules }, checks, {}, { synRetries });
      for (const host of HOSTS) {
        assertEquals(wire.sentTo(host), Array(syns).fill(["SYN", "RST"]).flat(), `${synRetries} retries: ${host}`);
      }
      for (const result of results) assertGivenUp(result, syns - 1);
    }));
    proves(test, "operators", "2 hosts with wrong numbers, 0, 1, 2 SYN retries: 2, 2, 3 SYNs each");
  },
);

labTest("an answer to the last permitted SYN counts", async (lab, test) => {
  const rules: Rule[] = [{ loseSyns: [1, 2], ...listening(400) }];
  const checks = HOSTS.map((target) => ({ target, options: LONG }));
  const { results, wire } = await lab.check({ rules }, checks, {}, { synRetries: 2 });
  for (const result of results) assertEquals([result.status, "retransmits" in result && result.retransmits], ["up", 2]);
  for (const host of HOSTS) assertEquals(wire.sentTo(host), ["SYN", "SYN", "SYN", "RST"]);
  proves(test, "operators", "2 hosts that receive only the third SYN: up, with 2 SYN retries");
});

labTest("each address of a name has its own SYNs, and the name times out after the last", async (lab, test) => {
  const files = {
    "/etc/hosts": "198.18.0.1 two.test\n2001:db8::1 two.test\n",
    "/etc/nsswitch.conf": "hosts: files\n",
  };
  const checks = [{ target: "two.test:80", options: LONG }];
  const { results: [result], wire } = await checkInTime(lab, checks, { files }, 1);
  assertGivenUp(result, 1);
  for (const host of HOSTS) assertEquals(wire.sentTo(host), ["SYN", "SYN"]);
  proves(test, "operators", "2 silent addresses of a name, 1 SYN retry: 2 SYNs each");
});

labTest("without another local port, the kernel's SYNs are counted too", async (lab, test) => {
  const setup = "echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range";
  const checks = HOSTS.map((target) => ({ target, options: LONG }));
  const { results, wire } = await checkInTime(lab, checks, { setup }, 2);
  for (const result of results) assertGivenUp(result, 2);
  for (const host of HOSTS) assertEquals(wire.sentTo(host), ["SYN", "SYN", "SYN"]);
  proves(test, "operators", "2 silent hosts, 2 SYN retries and 1 local port: 3 SYNs each");
});

/**
 * Checks silent hosts, and repeats the checks while the engine is late: without CPU for 100 ms it gives up a socket after
 * the kernel has sent one SYN too many, which the result counts. A faulty engine exceeds the limit each time.
 */
async function checkInTime(lab: Lab, checks: Input["checks"], options: NamespaceOptions, synRetries: number) {
  for (let attempts = 5;; attempts--) {
    const checked = await lab.check({ rules: [silent] }, checks, options, { synRetries });
    const syns = checked.wire.segments.filter(({ from, kind }) => from === "client" && kind === "SYN");
    const hosts = new Set(syns.map(({ host }) => host));
    const excess = [...hosts].filter((host) => checked.wire.sentTo(host).length > 1 + synRetries);
    if (excess.length === 0 || attempts === 1) return checked;
    for (const result of checked.results) {
      const target = String(result.target);
      if (excess.includes(target)) assertGivenUp(result, checked.wire.sentTo(target).length - 1);
    }
  }
}

/** The same host, with the first SYN lost. */
function second(behaviour: Behaviour): Behaviour {
  return { ...behaviour, loseSyns: [1] };
}

function assertGivenUp(result: CheckResult, retransmits: number): void {
  assert(result.status === "timeout", result.status);
  assertEquals([result.phase, result.retransmits], ["connect", retransmits]);
  assert(result.duration < LONG.timeout, "the check did not wait for SYNs that are not sent");
}
