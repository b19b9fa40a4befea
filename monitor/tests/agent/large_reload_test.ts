/** A reload of 100,000 targets: checks continue, and unchanged targets keep their states. */

import { assert, assertEquals } from "@std/assert";
import type { CheckReceiver, CheckResult, HostPort } from "@tcp-shaker/tcp-shaker";
import type { Prober, TargetCheck } from "../../lib/supervised_checker.ts";
import { AgentFile } from "../support/agent_file.ts";

const TARGETS = 100_000;

/** Addresses of loopback; the last one is given. */
function lines(last: string): string {
  const address = (i: number) => `127.${i >> 16}.${(i >> 8) & 255}.${i & 255}:9`;
  return [...Array.from({ length: TARGETS - 1 }, (_, i) => address(i)), last].join("\n");
}

/** Answers each check at once, so that the reload has the CPU. */
class InstantProber implements Prober {
  checks = 0;
  prepare({ hostname, port }: HostPort): TargetCheck {
    const result: CheckResult = {
      target: { hostname, port },
      status: "up",
      rtt: 1,
      dnsTime: 0,
      duration: 1,
      mode: "half-open",
      engine: "socket",
      retransmits: 0,
      address: { hostname, port, family: 4 },
    };
    const start = (receiver: CheckReceiver) => {
      this.checks++;
      queueMicrotask(() => receiver.settle(result));
    };
    return { start, cancel: () => {} };
  }
  [Symbol.asyncDispose] = () => Promise.resolve();
}

Deno.test("reload() of 100,000 targets keeps states and counters, and delays no check", async () => {
  await using file = new AgentFile("");
  const list = `${file.folder}/targets.txt`;
  const configuration = (more: string) =>
    `monitor: { interval: 20s, fall: 3 }\ntarget_files: [{ files: ["${list}"] }]\n${more}`;
  Deno.writeTextFileSync(list, lines("127.9.9.9:9"));
  file.write(configuration("groups: {}"));
  const prober = new InstantProber();
  await using agent = await file.start({ parts: { prober } });
  assertEquals(agent.monitor.size, TARGETS);
  await file.until(() => file.events.length > 1000);
  const known = [...agent.monitor.states()].filter(({ checks }) => checks > 0);
  assert(known.length > 1000);

  const { checks } = prober;
  Deno.writeTextFileSync(list, lines("127.8.8.8:9"));
  file.write(configuration("groups: { web: { fall: 5 } }"));
  assertEquals((await agent.reload()).isSuccessful, true);
  assert(prober.checks > checks, "no check began during the reload");
  assertEquals([agent.monitor.size, agent.monitor.get("127.9.9.9:9")], [TARGETS, undefined]);
  for (const before of known.filter(({ id }) => id !== "127.9.9.9:9")) {
    const after = agent.monitor.get(before.id)!;
    assertEquals([after.state, after.since], [before.state, before.since]);
    assert(after.checks >= before.checks);
  }
  assertEquals(file.messages, []);
});
