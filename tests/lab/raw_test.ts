/** Behaviour of the raw engine alone: its SYNs and its rate. */

import { assert, assertEquals } from "@std/assert";
import { DEFAULT_SYN_RATE } from "../../lib/resolved_options.ts";
import type { CheckerOptions, CheckResult } from "../../mod.ts";
import { type Answer, listening, type Rule, silent } from "../support/behaviour.ts";
import { proves } from "../support/evidence.ts";
import { labTest } from "../support/lab.ts";
import type { Input as StuckInput, Output as StuckOutput } from "../scripts/stuck.ts";

const HOSTS = ["198.18.0.1:80", "[2001:db8::1]:80"];
const RAW = { engine: "raw" } satisfies CheckerOptions;

labTest("a SYN of the raw engine equals Linux's", async (lab, test) => {
  const [ours, kernels] = await Promise.all([RAW, {}].map(async (checker) => {
    const checks = HOSTS.map((target) => ({ target }));
    const { wire } = await lab.check({ rules: [listening(5)] }, checks, {}, { ...checker, tos: 0xb8 });
    return HOSTS.map((host) => wire.with(host)[0]).map(({ kind, options, tos }) => ({ kind, options, tos }));
  }));
  assertEquals(ours, kernels);
  assertEquals(ours.map(({ tos }) => tos), [0xb8, 0xb8]);
  proves(test, "segments", `options ${ours[0].options?.join(", ")} of a SYN, IPv4 and IPv6, as of the kernel's`);
});

for (const [source, host] of [["192.0.2.7", HOSTS[0]], ["2001:db8:ffff::7", HOSTS[1]]]) {
  labTest(`SYNs come from ${source}, which is not the route's source`, async (lab, test) => {
    const setup = "ip addr add 192.0.2.7/32 dev lab0; ip addr add 2001:db8:ffff::7/128 dev lab0 nodad";
    const rules: Rule[] = [{ loseSyns: [1], ...listening(5) }];
    const checks = [{ target: host, options: { timeout: 3000 } }];
    const { results, wire } = await lab.check({ rules }, checks, { setup }, { ...RAW, source });
    assertEquals(results.map(({ status }) => status), ["up"]);
    // The kernel's RST and the engine's.
    assertEquals(wire.sentTo(host), ["SYN", "SYN", "RST", "RST"]);
    const from = wire.with(host).map(({ client }) => client.replace(/:\d+$/, ""));
    assertEquals(new Set(from), new Set([source.includes(":") ? `[${source}]` : source]));
    proves(test, "operators", "2 SYNs of the raw engine from the configured source");
  });
}

labTest("SYNs are retransmitted up to the limit, with doubling intervals", async (lab, test) => {
  const limits = [0, 1, 2];
  await Promise.all(limits.map(async (synRetries) => {
    const checks = HOSTS.map((target) => ({ target, options: { timeout: 30_000 } }));
    const { results, wire } = await lab.check({ rules: [silent] }, checks, {}, { ...RAW, synRetries });
    for (const [i, host] of HOSTS.entries()) {
      const times = wire.with(host).map(({ at }) => at / 1e6);
      assertEquals(times.length, 1 + synRetries);
      times.slice(1).forEach((at, n) => assert(at - times[n] >= 2 ** n * 0.75, `${at - times[n]} s`));
      const { status, duration, retransmits } = results[i] as CheckResult & { status: "timeout" };
      assertEquals([status, retransmits], ["timeout", synRetries]);
      assert(duration >= (2 ** (synRetries + 1) - 1) * 1000, `${duration} ms`);
    }
  }));
  proves(test, "operators", `${limits.join(", ")} retransmissions by the raw engine, with these limits`);
});

labTest("answers with data count", async (lab, test) => {
  const data = 500;
  const rules: Rule[] = [
    { ports: 80, replies: [{ send: { kind: "syn-ack", data } }] },
    { ports: 81, replies: [{ send: { kind: "refusal", data } }] },
  ];
  const checks = HOSTS.flatMap((host) => [{ target: host }, { target: host.replace(/80$/, "81") }]);
  for (const checker of [RAW, {}]) {
    const { results } = await lab.check({ rules }, checks, {}, checker);
    assertEquals(results.map(({ status }) => status), ["up", "refused", "up", "refused"]);
  }
  proves(test, "verdicts", `2 up and 2 refused of either engine, with ${data} bytes of data in each answer`);
});

labTest(
  "damaged segments are ignored: no retransmission, and the result is a timeout",
  async (lab, test) => {
    const damaged: Answer = { kind: "damaged" };
    const rules: Rule[] = [{ replies: Array.from({ length: 20 }, (_, i) => ({ send: damaged, after: i * 100 })) }];
    const checks = HOSTS.map((target) => ({ target, options: { timeout: 2500 } }));
    const { results, wire } = await lab.check({ rules }, checks, {}, RAW);
    assertEquals(results.map(({ status }) => status), ["timeout", "timeout"]);
    for (const host of HOSTS) assertEquals(wire.sentTo(host), ["SYN", "SYN"]);
    proves(test, "verdicts", "2 timeouts after 2 SYNs each, in spite of damaged answers");
  },
);

for (const threads of [1, 3]) {
  labTest(`SYNs per second do not exceed the rate, with ${threads} engine threads`, async (lab, test) => {
    const targets = Array.from({ length: 300 }, (_, i) => `198.18.${i >> 8}.${i & 255}:80`);
    const checks = targets.map((target) => ({ target, options: { timeout: 1000 } }));
    const rate = 200;
    const { results, wire } = await lab.check({ rules: [listening(1)] }, checks, {}, { ...RAW, rate, threads });
    // The last SYN waits for 1.5 s: the timeout does not count time in the queue.
    assertEquals(results.filter(({ status }) => status !== "up"), []);
    const times = wire.segments.filter(({ kind }) => kind === "SYN").map(({ at }) => at / 1e6);
    assertEquals(times.length, targets.length);
    // 20 ms worth of the rate may be sent at once. The lab may be late for the first SYN, so whole seconds are compared.
    const most = Math.max(...times.map((from) => times.filter((at) => at >= from && at < from + 1).length));
    const took = times[times.length - 1] - times[0];
    assert(took >= (targets.length - 2 - rate * 0.02) / rate - 0.1, `${took} s`);
    proves(
      test,
      "operators",
      `${targets.length} SYNs in ${took.toFixed(2)} s at a rate of ${rate}, ${most} in a second`,
    );
  });
}

// JavaScript also limits an explicit rate; only the library limits the default rate.
labTest("SYNs per second do not exceed the default rate", async (lab) => {
  const targets = Array.from({ length: 3000 }, (_, i) => `198.18.${i >> 8}.${i & 255}:80`);
  const { results, wire } = await lab.check({ rules: [listening(1)] }, targets.map((target) => ({ target })), {}, RAW);
  assertEquals(results.filter(({ status }) => status !== "up"), []);
  const times = wire.segments.filter(({ kind }) => kind === "SYN").map(({ at }) => at / 1e6);
  const took = times[times.length - 1] - times[0];
  // 20 ms worth of the rate may be sent at once, and the lab may be late for the first SYN.
  assert(took >= targets.length / DEFAULT_SYN_RATE - 0.02 - 0.1, `${took} s`);
});

labTest("a SYN dropped by a queue of this host is sent when the queue has room", async (lab, test) => {
  // 2 Mbit/s are about 4,000 SYNs per second, and the queue has room for 50.
  const setup = "tc qdisc replace dev lab0 root tbf rate 2mbit burst 2000 limit 3000";
  const targets = Array.from({ length: 500 }, (_, i) => [`198.18.${i >> 8}.${i & 255}:80`, `[2001:db8::${i}]:80`])
    .flat();
  const checks = targets.map((target) => ({ target, options: { timeout: 900 } }));
  const { results, wire } = await lab.check({ rules: [listening(5)] }, checks, { setup }, { ...RAW, rate: 1e9 });
  assertEquals(results.filter(({ status }) => status !== "up"), []);
  assertEquals(wire.sent().SYN, targets.length);
  proves(test, "verdicts", `${targets.length} up behind a queue of 50 packets, with one SYN each`);
});

for (const [name, rate] of [["", 1e9], [", and none of the rate", 2000]] as const) {
  labTest(`a blocked link delays no check of another${name}`, async (lab, test) => {
    const setup = `
      ip link add stuck0 type veth peer name stuck1
      ip addr add 192.0.2.5/32 dev stuck0
      ip link set stuck0 arp off up
      ip link set stuck1 up
      ip route add 198.19.0.0/16 dev stuck0 src 192.0.2.5
      tc qdisc replace dev stuck0 root pfifo limit 0
    `;
    const stuck = Array.from({ length: 1000 }, (_, i) => `198.19.${i >> 8}.${i & 255}:80`);
    const others = ["198.18.0.1:80", "127.0.0.1:9"];
    const silent = "198.18.0.2:81";
    const rules: Rule[] = [{ ports: 80, ...listening(1) }];
    const input: StuckInput = { checker: { ...RAW, rate }, silent, stuck, others };
    const { output: { reported } } = await lab.run<StuckOutput>({ rules }, "stuck.ts", input, { setup });
    assertEquals(reported.pop(), `${silent} timeout`);
    assertEquals(
      reported.toSorted(),
      [
        ...stuck.map((target) => `${target} local-error ENOBUFS`),
        `${others[0]} up`,
        `${others[1]} refused ECONNREFUSED`,
      ].toSorted(),
    );
    proves(
      test,
      "verdicts",
      `${stuck.length} ENOBUFS and ${others.length} others delivered while a check was in flight`,
    );
  });
}
