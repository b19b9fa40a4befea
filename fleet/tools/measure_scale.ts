/**
 * Measures a fleet on this machine: agents as processes with a stub prober, a server, and a hub in this process.
 *
 *     deno run --allow-all fleet/tools/measure_scale.ts [--targets N] [--agents N] [--interval MS] [--seconds N]
 *       [--stagger MS] [--progress]
 *
 * With --stagger the agents start one by one, so that each has computed an assignment before the next one joins.
 */

import { parseArgs } from "node:util";
import { Hub } from "../lib/hub/mod.ts";
import { bucketStream, EVENTS_STREAM, LIST_BUCKET, MINUTES_STREAM, STATE_BUCKET } from "../lib/protocol/subjects.ts";
import { AgentProcess, type ProcessStatus } from "../tests/support/agent_process.ts";
import { TestFleet } from "../tests/support/fleet.ts";

const { values } = parseArgs({
  options: {
    targets: { type: "string", default: "100000" },
    agents: { type: "string", default: "20" },
    interval: { type: "string", default: "60000" },
    seconds: { type: "string", default: "120" },
    stagger: { type: "string", default: "0" },
    progress: { type: "boolean", default: false },
  },
});
const [targets, count, interval, seconds, stagger] = [
  ...[values.targets, values.agents, values.interval, values.seconds, values.stagger],
].map(Number);
const ZONES = 4;
const MB = 2 ** 20;

/** Runs a phase, and prints how long it took. */
async function timed<T>(name: string, run: () => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const result = await run();
  console.log(`${name}: ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  return result;
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits until all targets are up for at least a number of voters.
 *
 * @returns The greatest decrease of the number of such targets meanwhile.
 */
async function untilUp(hub: Hub, voters: number): Promise<number> {
  let [most, fall] = [0, 0];
  while (true) {
    let up = 0;
    for (const { state, witnesses = [] } of hub.monitor.states()) {
      if (state === "up" && witnesses.filter(({ state }) => state === "up").length >= voters) up++;
    }
    most = Math.max(most, up);
    fall = Math.max(fall, most - up);
    if (up === targets) return fall;
    if (Deno.stderr.isTerminal() || values.progress) console.error(`${up} of ${targets} have ${voters} votes`);
    await delay(2000);
  }
}

/** Resident memory of a process in bytes, and its CPU time in s. */
function usage(pid: number): { rss: number; cpu: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const fields = Deno.readTextFileSync(`/proc/${pid}/stat`).split(") ")[1].split(" ");
  // User and system time, in ticks of 10 ms.
  return {
    rss: Number(/VmRSS:\s+(\d+)/.exec(status)![1]) * 1024,
    cpu: (Number(fields[11]) + Number(fields[12])) / 100,
  };
}

await using fleet = await TestFleet.start();
const list = Array.from({ length: targets }, (_, i) => `198.${18 + (i >> 16)}.${i >> 8 & 255}.${i & 255}:443`);
await timed(`list of ${targets} targets applied`, () => fleet.apply(list, {}, { interval, timeout: 1000, rise: 1 }));
await using hub = await Hub.start({
  name: "hub",
  nats: { servers: fleet.urls, name: "hub" },
  onMessage: (message) => console.log(`  hub: ${message}`),
});
await hub.ready;
const agents: AgentProcess[] = [];
await timed(`${count} agents started`, async () => {
  for (let i = 0; i < count; i++) {
    const agent = new AgentProcess({ name: `a${i}`, zone: `z${i % ZONES}`, connection: { servers: fleet.urls } });
    agents.push(fleet.use(agent));
    if (stagger > 0) await delay(stagger);
  }
  for (const agent of agents) await agent.started();
});
const fall = await timed("all targets up by 3 votes, from the last agent's start", () => untilUp(hub, 3));
console.log(`  targets that lost the third vote on the way, at most: ${fall}`);
const epochs = (await Promise.all(agents.map((agent) => agent.status()))).map(({ epoch }) => epoch - 1);
console.log(`  leases that expired on the way: ${epochs.reduce((sum, expired) => sum + expired, 0)}`);
for (const { name, messages } of agents) if (messages !== "") console.error(`${name}: ${messages.trim()}`);
const down: string[] = [];
void (async () => {
  for await (const event of hub.monitor.events()) {
    if (event.type === "transition" && event.to !== "up") down.push(`${event.id} ${event.to}`);
  }
})();

const { manager } = await fleet.jetstream();
const stored = async (stream: string) => (await manager.streams.info(stream)).state;
/** Prints the size of a stream, also per stored unit. */
async function printStored(name: string, stream: string, unit: string, units: number): Promise<void> {
  const { messages, bytes } = await stored(stream);
  console.log(
    `  ${name}: ${messages} messages, ${(bytes / MB).toFixed(1)} MB, ${Math.round(bytes / units)} B per ${unit}`,
  );
}
console.log("stored:");
await printStored("target lists", bucketStream(LIST_BUCKET), "target", targets);
await printStored("leases and reports", bucketStream(STATE_BUCKET), "report", 3 * targets);
await printStored("events", EVENTS_STREAM, "first verdict", 3 * targets);
const before = { minutes: await stored(MINUTES_STREAM), events: await stored(EVENTS_STREAM) };
const cpuBefore = agents.map(({ pid }) => usage(pid).cpu);
const [serverBefore, hubBefore] = [usage(fleet.server.pid).cpu, usage(Deno.pid).cpu];
await delay(seconds * 1000);
const after = { minutes: await stored(MINUTES_STREAM), events: await stored(EVENTS_STREAM) };
const cpu = agents.map(({ pid }, i) => usage(pid).cpu - cpuBefore[i]);
const statuses: ProcessStatus[] = await Promise.all(agents.map((agent) => agent.status()));
const perSecond = (a: number, b: number) => ((b - a) / seconds).toFixed(2);
const range = (all: readonly number[]) => `${Math.min(...all)} to ${Math.max(...all)}`;
console.log(`within ${seconds} s, with an interval of ${interval / 1000} s:`);
console.log(`  targets per agent: ${range(statuses.map(({ targets }) => targets))}`);
console.log(`  MB per agent: ${range(statuses.map(({ rss }) => Math.round(rss / MB)))}`);
console.log(`  cores of all agents: ${(cpu.reduce((sum, one) => sum + one, 0) / seconds).toFixed(2)}`);
console.log(
  `  minutes: ${perSecond(before.minutes.last_seq, after.minutes.last_seq)} messages/s, ${
    perSecond(before.minutes.bytes, after.minutes.bytes)
  } B/s, ${
    ((after.minutes.bytes - before.minutes.bytes) / (3 * targets * seconds / 60)).toFixed(0)
  } B per target, witness and minute`,
);
console.log(`  events: ${perSecond(before.events.last_seq, after.events.last_seq)} messages/s`);
const server = usage(fleet.server.pid);
console.log(`  server: ${Math.round(server.rss / MB)} MB, ${((server.cpu - serverBefore) / seconds).toFixed(3)} cores`);
console.log(
  `  hub: ${Math.round(usage(Deno.pid).rss / MB)} MB, ${
    ((usage(Deno.pid).cpu - hubBefore) / seconds).toFixed(3)
  } cores`,
);
console.log(
  `  outboxes: ${statuses.reduce((sum, { waiting }) => sum + waiting, 0)} messages wait, ${
    statuses.reduce((sum, { droppedEvents, droppedMinutes }) => sum + droppedEvents + droppedMinutes, 0)
  } were dropped`,
);

await agents[0].kill();
await timed("an agent killed with -9, until all targets have 3 votes again", async () => {
  while ((await fleet.state()).agents.has("a0")) await delay(200);
  await untilUp(hub, 3);
});
await timed("list with one more target applied, until all agents have it", async () => {
  const digest = await fleet.apply([...list, "198.19.255.1:443"], {}, { interval, timeout: 1000, rise: 1 });
  while (!(await Promise.all(agents.slice(1).map((agent) => agent.status()))).every(({ list }) => list === digest)) {
    await delay(200);
  }
});
console.log(`verdicts other than up meanwhile: ${down.length}`);
