/** The history of a hub, on a real server: what it stores, and what a restart restores. */

import { assert, assertEquals, assertMatch, assertRejects } from "@std/assert";
import { HistoryFile } from "@tcp-shaker/monitor/history";
import { startServer } from "@tcp-shaker/monitor/serve";
import { Hub } from "../../lib/hub/mod.ts";
import { encode } from "../../lib/protocol/codec.ts";
import { minutesSubject } from "../../lib/protocol/subjects.ts";
import { newBootId } from "../../lib/session/boot_id.ts";
import { eventually } from "../support/eventually.ts";
import { type TestAgent, TestFleet } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

const TARGETS = ["192.0.2.1:80", "192.0.2.2:80"];
const [TARGET, OTHER] = TARGETS;
const HOUR = 3_600_000;

/** Starts three agents, each in a zone with its name. */
function threeAgents(fleet: TestFleet): Promise<TestAgent[]> {
  // A long lease, so that it does not expire on a busy machine.
  return Promise.all(["a", "b", "c"].map((name) => fleet.agent(name, { lease: 10_000 })));
}

/** Waits until all targets are up by three witnesses. */
async function untilUp({ monitor }: Hub): Promise<void> {
  await eventually(
    () => [...monitor.states()],
    (states) => states.length === 2 && states.every((one) => one.state === "up" && one.witnesses!.length === 3),
  );
}

/** Starts a hub with a history and three agents, which all find a target up, then down. */
async function hubWithTargetDown(fleet: TestFleet) {
  await fleet.apply(TARGETS);
  const options = { listen: "127.0.0.1:0", startServer, database: `${fleet.server.folder}/hub.db` };
  const { hub } = await fleet.hub("one", options);
  const agents = await threeAgents(fleet);
  await untilUp(hub);
  agents.forEach(({ prober }) => prober.down.add(TARGET));
  await eventually(() => hub.monitor.get(TARGET)!.state, (state) => state === "down");
  return { hub, agents, options };
}

/** The number of stored checks of a target that passed, and its shortest RTT. */
async function passes({ history }: Hub, id: string): Promise<{ pass: number; rttMin: number | undefined }> {
  const now = Date.now();
  const points = await history!.series(id, { from: now - HOUR, to: now + HOUR, step: 60_000 });
  const rtts = points.flatMap(({ rttMin }) => rttMin ?? []);
  return { pass: points.reduce((sum, { pass }) => sum + pass, 0), rttMin: rtts[0] };
}

/** Reads from a hub's API. */
async function api({ address }: Hub, path: string) {
  return await (await fetch(`http://127.0.0.1:${address!.port}/api/v1/${path}`)).json();
}

natsTest("a hub stores events, time in each state and the agents' results, and a restart restores them", async () => {
  await using fleet = await TestFleet.start();
  const { hub: first, agents, options } = await hubWithTargetDown(fleet);
  // An agent that stops sends the current minute.
  await agents[2].agent[Symbol.asyncDispose]();
  const stored = await eventually(() => passes(first, OTHER), ({ pass }) => pass > 0);
  assertEquals(stored.rttMin, 0.5);
  const page = await fetch(`http://127.0.0.1:${first.address!.port}/targets/${OTHER}`);
  assertMatch(await page.text(), /<th scope="col">Mean<\/th>.*<td>0\.50? ms<\/td>/s);
  const { checks } = first.monitor.get(OTHER)!;
  assert(checks > 0);
  await first[Symbol.asyncDispose]();

  // While no hub runs, the target recovers, and another agent sends its minute.
  agents.forEach(({ prober }) => prober.down.delete(TARGET));
  await eventually(async () => (await fleet.state()).verdict(TARGET).state, (state) => state === "up");
  await agents[1].agent[Symbol.asyncDispose]();
  const { hub: second, events } = await fleet.hub("one", options);
  await second.ready;
  assert(second.history!.boot > first.history!.boot);
  const after = await eventually(() => passes(second, OTHER), ({ pass }) => pass > stored.pass);
  assertEquals(after.rttMin, 0.5);
  assert(second.monitor.get(OTHER)!.checks > checks, "counters were not taken up");
  const recovery = await eventually(
    () => events.find((event) => event.type === "transition" && event.id === TARGET),
    (event) => event !== undefined,
  );
  assert(recovery?.type === "transition");
  assertEquals(recovery.from, "down");
});

natsTest(
  "a restarted hub with a history keeps since, and has the events after an event of the previous run",
  async () => {
    await using fleet = await TestFleet.start();
    const { hub: first, agents, options } = await hubWithTargetDown(fleet);
    await eventually(() => first.history!.events({ limit: 100 }), (events) => events.some(({ json }) => isDown(json)));
    const [last] = await first.history!.events({ limit: 1, newestFirst: true });
    const before = first.monitor.get(TARGET)!;
    await first[Symbol.asyncDispose]();

    const { hub: second } = await fleet.hub("one", options);
    await second.ready;
    const { state, since, transitions, downtime } = second.monitor.get(TARGET)!;
    assertEquals([state, since, transitions], ["down", before.since, before.transitions]);
    assert(downtime < Date.now() - since + 1, `${downtime}`);
    agents.forEach(({ prober }) => prober.down.delete(TARGET));
    await eventually(() => second.monitor.get(TARGET)!.state, (state) => state === "up");
    const later = await eventually(
      () => api(second, `events?after=${last.id}`),
      ({ events }) => events.some(({ event }: { event: { to?: string } }) => event.to === "up"),
    );
    assertEquals(later.lost, undefined);
    const { targets } = await api(second, "uptime?window=24h");
    const uptimes = targets.map(({ id, uptime }: { id: string; uptime: number }) => [id, uptime > 0, uptime < 1]);
    assertEquals(uptimes, [[TARGET, true, true], [OTHER, true, false]]);
    await second[Symbol.asyncDispose]();
    using file = new HistoryFile(options.database);
    const [outage, ...others] = file.outages();
    assertEquals([outage.id, outage.start, others], [TARGET, before.since, []]);
    assert(outage.end! > outage.start);
  },
);

natsTest("the time for which a hub is disconnected counts for no state", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const database = `${fleet.server.folder}/hub.db`;
  const begin = performance.now();
  const { hub } = await fleet.hub("one", { database });
  await threeAgents(fleet);
  await untilUp(hub);
  await fleet.server.kill();
  await eventually(() => hub.isConnected, (isConnected) => !isConnected);
  const cutOff = performance.now();
  await eventually(() => performance.now() - cutOff, (time) => time > 5000);
  await fleet.server.start();
  await eventually(() => hub.isConnected, Boolean);
  await untilUp(hub);
  const end = performance.now();
  await hub[Symbol.asyncDispose]();
  using file = new HistoryFile(database);
  const [{ up, down, unknown }] = file.uptimes({ to: Date.now() + 60_000 });
  const known = up + down + unknown;
  assert(known > 0 && known < end - begin - 5000, `${known} of ${end - begin} ms`);
});

natsTest("a minute of a fast clock is stored as the minute in which the server stored it", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS);
  const { hub } = await fleet.hub("one", { database: `${fleet.server.folder}/hub.db` });
  await hub.ready;
  const { jetstream } = await fleet.jetstream();
  const now = Date.now();
  const boot = newBootId();
  const send = (sequence: number, minute: number) => {
    const rows = [[OTHER, sequence, 0, 0, 1, 2, 3]];
    return jetstream.publish(minutesSubject("a"), encode({ boot, sequence, dropped: 0, minute, rows }));
  };
  const minute = Math.floor(now / 60_000) * 60_000;
  await send(1, minute + HOUR);
  await send(2, minute - HOUR);
  // One minute is too old, the other one a duplicate.
  await send(3, minute - 72 * HOUR);
  await send(2, minute - HOUR);
  const read = () => hub.history!.series(OTHER, { from: minute - 73 * HOUR, to: minute + 2 * HOUR, step: HOUR });
  const points = await eventually(read, (points) => points.reduce((sum, { pass }) => sum + pass, 0) >= 3);
  await hub.history!.settled();
  const passed = points.filter(({ pass }) => pass > 0);
  assertEquals(passed.map(({ pass, rttMin, rttMean, rttMax }) => [pass, rttMin, rttMean, rttMax]), [
    [2, 1, 2, 3],
    [1, 1, 2, 3],
  ]);
  assert(passed.every(({ at }) => at <= now), "a minute is in the future");
});

Deno.test("a hub does not start with a history file that it can't open", async () => {
  const file = await Deno.makeTempFile();
  try {
    await Deno.writeTextFile(file, "no database, but longer than the header of one: ".repeat(10));
    const options = { nats: { servers: ["nats://127.0.0.1:1"], name: "one" }, name: "one", database: file };
    const { message } = await assertRejects(() => Hub.start(options), Error);
    assertEquals(
      message,
      `Cannot use ${
        JSON.stringify(file)
      }: it is not an SQLite database, or it is damaged: choose another path, or move it away`,
    );
  } finally {
    await Deno.remove(file);
  }
});

function isDown(json: string): boolean {
  const { type, to } = JSON.parse(json);
  return type === "transition" && to === "down";
}
