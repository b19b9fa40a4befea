/** Runs an agent with a stub prober: `agent.ts OPTIONS`. Lines of stdin name the targets that refuse. */

import { type PublishedEvent, SYSTEM_CLOCK } from "@tcp-shaker/monitor";
import { FleetAgent, type FleetAgentOptions } from "../../lib/agent/mod.ts";
import { StubProber } from "../support/stub_prober.ts";

/** Options of the process, as JSON. */
export interface AgentProcessOptions extends FleetAgentOptions {
  /** Error of the wall clock in ms. */
  readonly clockOffset?: number;
}

const { clockOffset = 0, ...options } = JSON.parse(Deno.args[0]) as AgentProcessOptions;
const prober = new StubProber();
/** The sequences of the events that the fleet receives. */
const sequences: number[] = [];
const observer = {
  checked: () => {},
  published: ({ type, sequence }: PublishedEvent) => {
    if (type !== "added" && type !== "removed") sequences.push(sequence);
  },
};
const clock = { ...SYSTEM_CLOCK, date: () => Date.now() + clockOffset };
const agent = await FleetAgent.start({
  ...options,
  parts: { prober, clock, observers: [observer] },
  onMessage: console.error,
});
Deno.addSignalListener("SIGTERM", async () => {
  await agent[Symbol.asyncDispose]();
  Deno.exit(0);
});
console.log("started");
let text = "";
for await (const chunk of Deno.stdin.readable.pipeThrough(new TextDecoderStream())) {
  const lines = (text + chunk).split("\n");
  text = lines.pop()!;
  for (const line of lines) {
    const [verb, target] = line.split(" ");
    if (verb === "down") prober.down.add(target);
    else if (verb === "up") prober.down.delete(target);
    else if (verb === "sequences") console.log(JSON.stringify({ sequences }));
    else console.log(JSON.stringify({ ...agent.status, checks: prober.checks, rss: Deno.memoryUsage().rss }));
  }
}
// An interrupted test leaves no agent running.
Deno.exit(1);
