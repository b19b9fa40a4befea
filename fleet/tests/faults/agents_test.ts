/** Faults of agents: killed, paused, with a wrong clock. No target goes down, and other agents take over. */

import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals } from "@std/assert";
import type { EventBatch } from "../../lib/protocol/events.ts";
import { AgentProcess } from "../support/agent_process.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";
import { readOnce } from "../support/recorded_events.ts";
import { VerdictLog } from "../support/verdict_log.ts";

const TARGETS = Array.from({ length: 40 }, (_, i) => `192.0.2.${i}:80`);
const LEASE = 2000;

/** Starts agents, each in its own zone. */
async function start(fleet: TestFleet, names: readonly string[], clockOffset = 0): Promise<AgentProcess[]> {
  const connection = { servers: fleet.urls };
  const agents = names.map((name) =>
    fleet.use(
      new AgentProcess({ name, zone: name, connection, lease: LEASE, settle: 200, handover: 1000, clockOffset }),
    )
  );
  await Promise.all(agents.map((agent) => agent.started()));
  return agents;
}

/** Waits until the fleet has all events of an agent, in order. */
async function untilStored(fleet: TestFleet, agent: AgentProcess): Promise<void> {
  const found = await agent.sequences();
  const stored = await eventually(
    async () => readOnce(await fleet.events(agent.name)),
    (stored) => stored.at(-1) === found.at(-1),
  );
  assertEquals(stored, found);
}

natsTest("agents killed with -9 are absent after their lease, others take over, and no verdict changes", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const agents = await start(fleet, ["a", "b", "c", "d", "e"]);
  await using log = new VerdictLog(fleet.urls, TARGETS);
  await log.until("up 3");
  await Promise.all(agents.slice(0, 1).map((agent) => agent.kill()));
  await log.when(() => log.state.agents.size === 4);
  await log.until("up 3");
  await agents[1].kill();
  await log.when(() => log.state.agents.size === 3);
  await log.until("up 3");
  assertEquals(log.ever("down"), []);
  assert([...log.history.values()].every((states) => states.at(-1) === "up"));
  // The remaining agents still detect that a target goes down.
  for (const agent of agents.slice(2)) await agent.setTargets("down", TARGETS[0]);
  await log.until("down 3", [TARGETS[0]]);
  assertEquals(log.ever("down"), [TARGETS[0]]);
  for (const agent of agents.slice(2)) await untilStored(fleet, agent);
});

natsTest("an agent killed with -9 loses no event that its outbox file has", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS, { witnesses: 1 });
  const outbox = `${fleet.server.folder}/outbox.db`;
  const options = { name: "a", zone: "a", connection: { servers: fleet.urls }, lease: LEASE, settle: 200, outbox };
  const agent = fleet.use(new AgentProcess(options));
  await agent.started();
  // All targets have their first verdict, so all further events are transitions.
  await eventually(() => agent.sequences(), ({ length }) => length === TARGETS.length);
  await eventually(() => agent.status(), ({ waiting }) => waiting === 0);
  await fleet.server.kill();
  const changing = TARGETS.slice(0, 3);
  for (const verb of ["down", "up", "down"] as const) {
    const { length } = await agent.sequences();
    await agent.setTargets(verb, ...changing);
    await eventually(() => agent.sequences(), (now) => now.length >= length + changing.length);
  }
  // The last events reach the outbox within 200 ms; the file has at least the earlier transitions.
  const found = await agent.sequences();
  await agent.kill();
  const kept = eventsIn(outbox);
  assert(kept.length >= 2 * changing.length);
  assertEquals(kept, found.slice(found.indexOf(kept[0])).slice(0, kept.length));
  await fleet.server.start();
  const restarted = fleet.use(new AgentProcess(options));
  await restarted.started();
  await eventually(() => restarted.status(), ({ isPresent, waiting }) => isPresent && waiting === 0);
  const stored = (await fleet.events("a")).map(({ sequence }) => sequence);
  const first = stored.indexOf(kept[0]);
  assertEquals(stored.slice(first, first + kept.length), kept);
});

/** The sequences of the events in the outbox of an ended process. */
function eventsIn(path: string): number[] {
  using database = new DatabaseSync(path);
  const rows = database.prepare("SELECT body FROM message WHERE kind = 'event' ORDER BY sequence").all();
  return rows.flatMap(({ body }) => {
    const { events } = JSON.parse(new TextDecoder().decode(body as Uint8Array)) as EventBatch;
    return events.map(({ sequence }) => sequence as number);
  });
}

natsTest(
  "an agent that was paused votes only on new results: a target that went down during the pause stays down",
  async () => {
    await using fleet = await TestFleet.start();
    await fleet.apply(TARGETS);
    const agents = await start(fleet, ["a", "b", "c"]);
    const [paused, ...others] = agents;
    await using log = new VerdictLog(fleet.urls, TARGETS);
    await log.until("up 3");
    paused.signal("SIGSTOP");
    await log.when(() => log.state.agents.size === 2);
    for (const agent of others) await agent.setTargets("down", TARGETS[0]);
    await log.until("down 2", [TARGETS[0]]);
    const changes = log.history.get(TARGETS[0])!.length;
    paused.signal("SIGCONT");
    // The witness's own checks pass, so it votes "up" after a new epoch; two of three witnesses still vote "down".
    await log.when(() => log.state.verdict(TARGETS[0]).present === 3);
    assertEquals(log.state.verdict(TARGETS[0]).dissent, { state: "up", zones: ["a"] });
    assertEquals((await paused.status()).epoch, 2);
    assertEquals(log.history.get(TARGETS[0])!.length, changes);
    assertEquals(log.ever("down"), [TARGETS[0]]);
    for (const agent of agents) await untilStored(fleet, agent);
  },
);

natsTest("an agent that is paused repeatedly makes no target go down", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const [paused] = await start(fleet, ["a", "b", "c"]);
  await using log = new VerdictLog(fleet.urls, TARGETS);
  await log.until("up 3");
  for (let i = 0; i < 3; i++) {
    paused.signal("SIGSTOP");
    await log.when(() => log.state.agents.size === 2);
    paused.signal("SIGCONT");
    await log.until("up 3");
  }
  assertEquals(log.ever("down"), []);
  assertEquals((await paused.status()).epoch, 4);
  await untilStored(fleet, paused);
});

natsTest("clocks that are 5 minutes off change no lease and no verdict", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const [ahead] = await start(fleet, ["a"], 300_000);
  const [behind] = await start(fleet, ["b"], -300_000);
  const [right] = await start(fleet, ["c"]);
  await using log = new VerdictLog(fleet.urls, TARGETS);
  await log.until("up 3");
  for (const agent of [ahead, behind, right]) await agent.setTargets("down", TARGETS[0]);
  await log.until("down 3", [TARGETS[0]]);
  await ahead.kill();
  await log.when(() => log.state.agents.size === 2);
  await log.until("up 2", TARGETS.slice(1));
  for (const agent of [behind, right]) await agent.setTargets("up", TARGETS[0]);
  await log.until("up 2");
  assertEquals(log.history.get(TARGETS[0])!.filter((state) => state !== "unknown"), ["up", "down", "up"]);
  for (const agent of [behind, right]) await untilStored(fleet, agent);
  const events = await fleet.events("a");
  assert(events.every(({ at }) => Math.abs(at - Date.now() - 300_000) < 60_000));
});

natsTest("a list that is applied while an agent is disconnected is in force when the agent reconnects", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS.slice(0, 20), { witnesses: 1 });
  await using relay = fleet.relay();
  const { agent } = await fleet.agent("a", { connection: { servers: [relay.url] } });
  await eventually(() => agent.monitor.size, (size) => size === 20);
  relay.hold();
  await eventually(() => agent.status.isConnected, (isConnected) => !isConnected);
  const digest = await fleet.apply(TARGETS, { witnesses: 1 });
  assertEquals(agent.monitor.size, 20);
  relay.release();
  await eventually(() => agent.status, ({ list, targets }) => list === digest && targets === TARGETS.length);
});
