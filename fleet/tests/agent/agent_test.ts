/** Agents of a fleet, on a real server. */

import { assert, assertEquals } from "@std/assert";
import { CURRENT_KEY, EVENTS_STREAM, keySubject, LIST_BUCKET, MINUTES_STREAM } from "../../lib/protocol/subjects.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

const TARGETS = Array.from({ length: 30 }, (_, i) => `192.0.2.${i}:80`);

/** The verdicts of all targets, and how many witnesses vote. */
async function verdicts(fleet: TestFleet): Promise<string[]> {
  const state = await fleet.state();
  return TARGETS.map((id) => {
    const { state: verdict, present } = state.verdict(id);
    return `${verdict} ${present}`;
  });
}

/** Waits until all targets have the verdict. */
async function untilAll(fleet: TestFleet, wanted: string): Promise<void> {
  await eventually(() => verdicts(fleet), (verdicts) => verdicts.every((verdict) => verdict === wanted));
}

natsTest("three of four agents are witnesses of each target, and the fourth takes over when one leaves", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const agents = [await fleet.agent("a"), await fleet.agent("b"), await fleet.agent("c"), await fleet.agent("d")];
  await untilAll(fleet, "up 3");
  const sizes = agents.map(({ agent }) => agent.monitor.size);
  await eventually(
    () => agents.reduce((sum, { agent }) => sum + agent.status.targets, 0),
    (sum) => sum === 3 * TARGETS.length,
  );
  assert(sizes.every((size) => size > 0));
  await agents[0].agent[Symbol.asyncDispose]();
  assertEquals((await fleet.state()).agents.has("a"), false);
  await untilAll(fleet, "up 3");
});

natsTest("agents publish a report and an event for each transition", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const agents = [await fleet.agent("a"), await fleet.agent("b"), await fleet.agent("c")];
  await untilAll(fleet, "up 3");
  for (const { prober } of agents) prober.down.add(TARGETS[0]);
  await eventually(() => verdicts(fleet), ([first]) => first === "down 3");
  const { manager } = await fleet.jetstream();
  const { state } = await manager.streams.info(EVENTS_STREAM, { subjects_filter: ">" });
  assertEquals(Object.keys(state.subjects!).sort(), ["fleet.events.a", "fleet.events.b", "fleet.events.c"]);
});

natsTest("an agent continues without a server, and later publishes all its events in order", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS, { witnesses: 1 });
  const { agent, prober } = await fleet.agent("a", { lease: 2000 });
  const state = () => agent.monitor.get(TARGETS[0])?.state;
  await eventually(state, (state) => state === "up");
  await fleet.server.kill();
  await eventually(() => agent.status, ({ isConnected }) => !isConnected);
  const checks = prober.checks;
  for (let round = 0; round < 5; round++) {
    prober.down.add(TARGETS[0]);
    await eventually(state, (state) => state === "down");
    prober.down.delete(TARGETS[0]);
    await eventually(state, (state) => state === "up");
  }
  assert(prober.checks > checks);
  await eventually(() => agent.status, ({ waiting, isPresent }) => waiting > 0 && !isPresent);
  await fleet.server.start();
  await eventually(() => agent.status, ({ waiting, isPresent }) => waiting === 0 && isPresent);
  assertEquals(agent.status.epoch, 2);
  const events = await fleet.events("a");
  const states = events.filter(({ id, type }) => id === TARGETS[0] && type === "transition").map(({ to }) => to);
  assertEquals(states, ["up", ...Array.from({ length: 5 }, () => ["down", "up"]).flat()]);
  const sequences = events.map(({ sequence }) => sequence);
  assertEquals(sequences, sequences.toSorted((a, b) => a - b));
  await untilAll(fleet, "unknown 1");
});

natsTest("an agent with a file starts without a server, with its last list and targets", async () => {
  await using fleet = await TestFleet.start();
  const outbox = `${fleet.server.folder}/outbox.db`;
  await fleet.apply(TARGETS, { witnesses: 1 });
  const other = await fleet.agent("b");
  const first = await fleet.agent("a", { outbox });
  await eventually(
    () => first.agent.status,
    ({ targets, agents }) => agents === 2 && targets < TARGETS.length && targets > 0,
  );
  const ids = [...first.agent.monitor.states()].map(({ id }) => id).sort();
  await first.agent[Symbol.asyncDispose]();
  await other.agent[Symbol.asyncDispose]();
  await fleet.server.kill();
  const { agent } = await fleet.agent("a", { outbox });
  await eventually(() => agent.monitor.size, (size) => size === ids.length);
  assertEquals([...agent.monitor.states()].map(({ id }) => id).sort(), ids);
  await eventually(() => agent.status.waiting, (waiting) => waiting > 0);
});

natsTest("a second process with the same name waits for the end of the first", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const first = await fleet.agent("a");
  await eventually(() => first.agent.status, ({ isPresent }) => isPresent);
  const second = await fleet.agent("a");
  await eventually(() => second.messages, (messages) => messages.length > 1);
  assertEquals(second.messages, [
    "Waiting until the earlier lease of a expires",
    "Another agent has the name a: give each agent its own name; waiting until its lease expires",
  ]);
  assertEquals([first.agent.status.isPresent, second.agent.status.isPresent], [true, false]);
  await first.agent[Symbol.asyncDispose]();
  await eventually(() => second.agent.status, ({ isPresent }) => isPresent);
});

natsTest("an agent keeps its lease and its targets when a list can't be read", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS, { witnesses: 1 });
  const { agent, messages } = await fleet.agent("a");
  await untilAll(fleet, "unknown 1");
  const { jetstream } = await fleet.jetstream();
  await jetstream.publish(keySubject(LIST_BUCKET, CURRENT_KEY), "nonsense");
  await eventually(() => messages, ({ length }) => length > 0);
  const [message] = messages;
  const problem = "The key current is malformed: The message is not JSON in UTF-8";
  assertEquals(message, `Cannot read the target list: ${problem}: run tcp-checker fleet apply again`);
  const renewed = async () => (await fleet.state()).agents.get("a")?.renewed;
  const before = await renewed();
  // Until its lease has been renewed, or the session has ended.
  await eventually(async () => await renewed() !== before || !agent.status.isConnected, Boolean);
  assertEquals([agent.status.isPresent, agent.status.targets, messages], [true, TARGETS.length, [message]]);
  await fleet.apply(TARGETS.slice(1), { witnesses: 1 });
  await eventually(() => agent.status.targets, (targets) => targets === TARGETS.length - 1);
});

natsTest("minutes have the counts of each target", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS, { witnesses: 1 });
  const { agent, prober } = await fleet.agent("a");
  prober.down.add(TARGETS[0]);
  await eventually(
    () => [...agent.monitor.states()],
    (states) => states.length > 0 && states.every(({ checks }) => checks > 1),
  );
  await agent[Symbol.asyncDispose]();
  const { manager } = await fleet.jetstream();
  const message = await manager.streams.getMessage(MINUTES_STREAM, { last_by_subj: "fleet.minutes.a" });
  const { rows, sequence } = message!.json<
    { rows: [string, number, number, number, ...unknown[]][]; sequence: number }
  >();
  assertEquals(rows.length, TARGETS.length);
  assert(sequence >= 1);
  const first = rows.find(([id]) => id === TARGETS[0])!;
  assertEquals([first[1], first[3], first[4]], [0, 0, null]);
  const second = rows.find(([id]) => id === TARGETS[1])!;
  assertEquals([second[2], second[3], second[5]], [0, 0, 0.5]);
  assert(first[2] > 0 && second[1] > 0);
});
