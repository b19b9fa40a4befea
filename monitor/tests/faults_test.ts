/** Events of the monitor during faults of a network, of this host's link and of its resolver. */

import { assert, assertEquals } from "@std/assert";
import { listening, type Reply, type Rule } from "../../tests/support/behaviour.ts";
import { type Lab, labTest } from "../../tests/support/lab.ts";
import { namespaceTest, runInNamespace } from "../../tests/support/namespace.ts";
import { resolverFiles } from "../../tests/support/names.ts";
import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { classify } from "../lib/classify.ts";
import { DEFAULT_VERDICT } from "../lib/verdict_options.ts";
import type { MonitorEvent } from "../mod.ts";
import type { Input, Output } from "./scripts/monitor.ts";
import { NaiveVerdict } from "./support/naive_verdict.ts";

const SCRIPT = "../../monitor/tests/scripts/monitor.ts";
/** Too short for a second SYN, which is sent after 0.9 s. */
const TIMEOUT = 150;
const OPTIONS = { interval: 200, timeout: TIMEOUT };
const CHECKS = 40;

/** 30 hosts in their own network. */
function hosts(network: number): string[] {
  return Array.from({ length: 30 }, (_, i) => `198.18.${network}.${i + 1}:80`);
}

/** Monitors hosts of the lab: a network for each rule. */
async function watch(lab: Lab, rules: Rule[], phases: Input["phases"] = [{ results: CHECKS }]): Promise<Output> {
  const { output } = await lab.run<Output>(
    { rules: rules.map((rule, i) => ({ to: `198.18.${i}.0/24`, ...rule })), log: false },
    SCRIPT,
    { targets: rules.flatMap((_, i) => hosts(i)), options: OPTIONS, phases } satisfies Input,
  );
  return output;
}

/** The events about one target, or about all, in short form. */
function say(event: MonitorEvent): string {
  if (event.type === "transition") return `${event.from} -> ${event.to}`;
  return "active" in event ? `${event.type} ${event.active ? "begins" : "ends"}` : event.type;
}

/** Events that a naive model derives from a target's results at one instant: no flap ends, and nothing is stale. */
function expect(results: readonly CheckResult[]): string[] {
  const naive = new NaiveVerdict(DEFAULT_VERDICT, 0);
  return results.flatMap((result) => naive.observe(classify(result, TIMEOUT), 0))
    .map((line) => line.replace(/ after .*/, ""));
}

/** The events about a target. */
function about(target: string, { phases }: Output): string[] {
  return phases.flatMap(({ events }) => events).filter((event) => "id" in event && event.id === target).map(say);
}

labTest(
  "with 1, 10 and 33 % packet loss, transitions and degraded match a naive model",
  async (lab) => {
    const losses = [0.01, 0.1, 0.33];
    const output = await watch(lab, losses.map((loss) => ({ loss, ...listening() })));
    for (const [network, loss] of losses.entries()) {
      let failures = 0;
      let all = 0;
      for (const [i, target] of hosts(network).entries()) {
        const at = network * hosts(network).length + i;
        // Results after the last events are not included.
        const results = output.results[at].slice(0, output.phases[0].states[at].checks);
        assertEquals(about(target, output), expect(results), `${target}: ${results.map(({ status }) => status)}`);
        failures += results.filter((result) => classify(result, TIMEOUT) === "fail").length;
        all += results.length;
      }
      // A check fails if its SYN or the SYN-ACK is lost.
      const expected = 1 - (1 - loss) ** 2;
      assert(Math.abs(failures / all - expected) < 0.1, `${failures} of ${all} have failed, not ${expected} of them`);
    }
  },
);

const synAck: Reply = { send: { kind: "syn-ack" } };
const FAULTS: [what: string, rule: Rule, events: string[]][] = [
  ["each third SYN is lost", { loseSyns: Array.from({ length: 200 }, (_, i) => 3 * i + 3), ...listening() }, [
    "unknown -> up",
    "degraded begins",
  ]],
  ["a SYN proxy", { replies: [{ send: { kind: "syn-ack", window: 0, options: false } }] }, ["unknown -> up"]],
  ["a SYN-ACK that comes twice", { replies: [synAck, synAck] }, ["unknown -> up"]],
  ["a SYN-ACK that comes again late", { replies: [synAck, { ...synAck, after: 250 }] }, ["unknown -> up"]],
];

labTest(
  "targets stay up behind a SYN proxy, duplicates and the loss of each third SYN, which degrades",
  async (lab) => {
    const output = await watch(lab, FAULTS.map(([, rule]) => rule));
    for (const [network, [what, , events]] of FAULTS.entries()) {
      for (const target of hosts(network)) assertEquals(about(target, output), events, `${what}: ${target}`);
    }
    assert(output.phases[0].states.every(({ state, transitions }) => state === "up" && transitions === 0));
  },
);

/** The events while this host's link or resolver fails, and then recovers. */
function assertTrouble({ phases: [before, during, after] }: Output, reason: string, count: number): void {
  assertEquals(before.events.map(say), Array(count).fill("unknown -> up"));
  const [trouble, ...others] = during.events;
  assertEquals([say(trouble), others], ["trouble begins", []], JSON.stringify(during.events));
  assert(trouble.type === "trouble" && trouble.reason === reason, JSON.stringify(trouble));
  assert(during.states.every(({ state, neutral }) => state === "up" && neutral >= 9));
  assertEquals(after.events.map(say), ["trouble ends"]);
}

for (
  const [what, down, up] of [
    [
      "interface is down",
      "ip link set lab0 down",
      "ip link set lab0 up; ip route add 198.18.0.0/15 dev lab0 src 192.0.2.1",
    ],
    ["route is gone", "ip route del 198.18.0.0/15", "ip route add 198.18.0.0/15 dev lab0 src 192.0.2.1"],
  ]
) {
  labTest(`while this host's ${what} no target changes state, and there is trouble`, async (lab) => {
    const phases = [
      { results: 5 },
      { command: down, results: 10, trouble: true },
      { command: up, results: 10 },
    ];
    assertTrouble(await watch(lab, [listening()], phases), "ENETUNREACH", hosts(0).length);
  });
}

namespaceTest("while this host's resolver is down there is trouble, and no transition", async () => {
  const server = { hostname: "127.0.0.53", zone: { "*.example": { A: ["127.0.0.1"] } } };
  const targets = Array.from({ length: 20 }, (_, i) => `host${i}.example:1`);
  const input: Input = {
    targets,
    options: { interval: 400, timeout: 300, initial: "up", rise: 1, fall: 1 },
    server,
    phases: [
      { results: 3 },
      { noServer: true, results: 10, trouble: true },
      { results: 10 },
    ],
  };
  const { phases: [before, during, after] } = await runInNamespace<Output>(SCRIPT, input, { files: resolverFiles() });
  // The port is closed, so all targets are down; one pass would bring them up.
  assertEquals(new Set(before.events.map(say)), new Set(["up -> down", "storm begins"]));
  const events = during.events.filter(({ type }) => type !== "storm");
  assertEquals(events.map(say), ["trouble begins"]);
  assert(events[0].type === "trouble" && events[0].reason === "EAI_AGAIN", JSON.stringify(events));
  assert(during.states.every(({ state, neutral }) => state === "down" && neutral >= 9));
  assertEquals(after.events.filter(({ type }) => type !== "storm").map(say), ["trouble ends"]);
});
