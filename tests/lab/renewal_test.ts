/** Renewal: before the kernel retransmits a SYN, a new socket replaces the one that sent it. */

import { assert, assertEquals } from "@std/assert";
import type { CheckResult } from "../../mod.ts";
import { type Behaviour, listening, type Reply, type Rule, silent } from "../support/behaviour.ts";
import { proves } from "../support/evidence.ts";
import { type Lab, labTest, type Segment, type Wire } from "../support/lab.ts";
import { isLate } from "../support/lateness.ts";

const synAck = (after: number, more: Partial<Reply> = {}): Reply => ({ send: { kind: "syn-ack" }, after, ...more });
/** A host that answers the first SYN after the second. */
const overtaken: Behaviour = { replies: [synAck(1500, { syns: [1] }), synAck(50, { syns: [2] })] };
/** A host that answers all SYNs at once, as after power saving or a slow neighbour lookup. */
const sleeper: Behaviour = { wakesAfter: 1500, replies: [synAck(0)] };

/** Time for late segments to reach the lab. */
const LAST = { target: "198.19.0.1:80", options: { timeout: 3000 } };
const HOSTS = Array.from({ length: 20 }, (_, i) => `${i % 2 === 0 ? `198.18.0.${i + 1}` : `[2001:db8::${i + 1}]`}:80`);

labTest("a SYN-ACK for the replaced socket is reset, and a SYN-ACK for the new one counts", async (lab, test) => {
  const { results, wire } = await checkInTime([overtaken], lab, 2000);
  for (const result of results) {
    assertUp(result);
    assertEquals(result.retransmits, 1);
    const segments = wire.with(`${result.target}`);
    const [first, second] = ports(segments);
    assertEquals(segments.map(({ client, kind }) => `${client === first ? "first" : "second"} ${kind}`), [
      "first SYN",
      "second SYN",
      "second SYN-ACK",
      "second RST",
      "first SYN-ACK",
      "first RST",
    ]);
    assert(second !== undefined);
    // The round trip time counts from the second SYN, which was not retransmitted.
    assert(result.rtt >= 50 && result.rtt <= result.duration - 900, `${result.rtt} of ${result.duration} ms`);
  }
  proves(test, "segments", `${results.length} hosts that answer the second SYN first: 2 SYNs and 2 RSTs each, 0 ACKs`);
  proves(test, "roundTrip", `${results.length} hosts that answer the second SYN first: rtt counts from the second`);
});

labTest("a host that answers two SYNs together gets no ACK", async (lab, test) => {
  const { results, wire } = await checkInTime([sleeper], lab, 3000);
  for (const result of results) {
    assertUp(result);
    assert(result.duration >= 1500, `${result.duration} ms`);
    assertEquals(wire.sentTo(`${result.target}`), ["SYN", "SYN", "RST", "RST"]);
  }
  const counted = `${results.length} hosts with two SYNs to answer at once: ${2 * results.length} RSTs, 0 ACKs`;
  proves(test, "invisible", counted);
});

labTest(
  "a host that answers after more than a second is up, if the timeout permits another SYN",
  async (lab, test) => {
    const { results, wire } = await checkInTime([listening(1300)], lab, 4000);
    for (const result of results) {
      assertUp(result);
      assert(result.duration >= 2200, `${result.duration} ms`);
      assertEquals(new Set(wire.sentTo(`${result.target}`)), new Set(["SYN", "RST"]));
    }
    proves(test, "verdicts", `${results.length} hosts 1.3 s away, 4 s to answer: all up`);
  },
);

labTest("each address of a name is renewed separately, and counts its own SYNs", async (lab, test) => {
  const rules: Rule[] = [
    { to: "2001:db8::1/128", ...silent },
    { to: "198.18.0.1/32", loseSyns: [1], ...listening(50) },
  ];
  const files = {
    "/etc/hosts": "2001:db8::1 two.test\n198.18.0.1 two.test\n",
    "/etc/nsswitch.conf": "hosts: files\n",
  };
  const { results: [result], wire } = await lab.check(
    { rules },
    [{ target: "two.test:80", options: { timeout: 5000 } }],
    { files },
  );
  assertUp(result);
  assertEquals([result.address?.hostname, result.retransmits], ["198.18.0.1", 1]);
  assertEquals(wire.sentTo("198.18.0.1:80"), ["SYN", "SYN", "RST"]);
  // After 0 and 900 ms; the other one's after 250 and 1150.
  assertEquals(wire.sentTo("[2001:db8::1]:80"), ["SYN", "SYN"]);
  for (const host of ["198.18.0.1:80", "[2001:db8::1]:80"]) assertEquals(ports(wire.with(host)).length, 2);
  proves(test, "retransmits", "2 addresses of a name, 2 SYNs each: 1 retransmit of the one that answered");
});

labTest("without another local port, the kernel retransmits the SYN", async (lab, test) => {
  const setup = "echo 40000 40000 >/proc/sys/net/ipv4/ip_local_port_range";
  const { results, wire } = await check([{ loseSyns: [1], ...listening(50) }], lab, 3000, setup);
  for (const [i, result] of results.entries()) {
    assertUp(result);
    assertEquals(result.retransmits, 1);
    assertEquals(wire.sentTo(HOSTS[i]), ["SYN", "SYN", "RST"]);
    assertEquals(ports(wire.with(HOSTS[i])).length, 1);
  }
  proves(test, "scarcity", `${HOSTS.length} hosts that the first SYN did not reach, and 1 local port: all up`);
});

async function check(
  rules: Rule[],
  lab: Lab,
  timeout: number,
  setup = "",
): Promise<{ results: CheckResult[]; wire: Wire }> {
  const checks = HOSTS.map((target) => ({ target, options: { timeout } }));
  const beyond: Rule = { to: "198.19.0.0/16", ...silent };
  const { results, wire } = await lab.check({ rules: [beyond, ...rules] }, [...checks, LAST], { setup });
  return { results: results.slice(0, -1), wire };
}

/** Checks the hosts. Returns the results for which the engine was not late; repeats the checks if there is none. */
async function checkInTime(
  rules: Rule[],
  lab: Lab,
  timeout: number,
): Promise<{ results: CheckResult[]; wire: Wire }> {
  for (let attempt = 1; attempt <= 5; attempt++) {
    const { results, wire } = await check(rules, lab, timeout);
    const inTime = results.filter(({ target }) => !isLate(wire.with(`${target}`)));
    if (inTime.length > 0) return { results: inTime, wire };
  }
  throw new Error("The engine was late for all hosts, five times: this machine is overloaded");
}

function assertUp(result: CheckResult): asserts result is CheckResult & { status: "up" } {
  assertEquals([result.status, result.mode], ["up", "half-open"], result.target.toString());
}

/** The client's ports, in order. */
function ports(segments: Segment[]): string[] {
  return [...new Set(segments.map(({ client }) => client))];
}
