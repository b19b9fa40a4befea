/** Faults of servers: killed, without a leader, with a full disk. No event of an agent is lost. */

import { assert, assertEquals } from "@std/assert";
import { EVENTS_STREAM } from "../../lib/protocol/subjects.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { NatsCluster } from "../support/nats_cluster.ts";
import { natsTest } from "../support/nats_server.ts";
import { readOnce, RecordedEvents } from "../support/recorded_events.ts";
import { VerdictLog } from "../support/verdict_log.ts";

const TARGETS = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:80`);

natsTest("a server that is killed repeatedly with -9 loses no event, and keeps their order", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(TARGETS, { witnesses: 1 });
  const { agent, prober } = await fleet.agent("a");
  await eventually(() => agent.monitor.size, (size) => size === TARGETS.length);
  const recorded = new RecordedEvents(agent, prober, TARGETS);
  for (let i = 0; i < 4; i++) {
    const { length } = recorded.sequences;
    await eventually(() => recorded.sequences.length, (now) => now > length + 30);
    // A paused server has received messages that it has not acknowledged, and loses them when it is killed.
    if (i % 2 === 0) {
      fleet.server.signal("SIGSTOP");
      await eventually(() => agent.status.waiting, (waiting) => waiting > 0);
    }
    await fleet.server.kill();
    await fleet.server.start();
    await eventually(() => agent.status, ({ isPresent }) => isPresent);
  }
  recorded[Symbol.dispose]();
  await eventually(() => agent.monitor.statistics().checks, () => agent.status.waiting === 0);
  // The last events reach the outbox within 200 ms.
  const stored = await eventually(
    async () => readOnce(await fleet.events("a")),
    (stored) => stored.at(-1) === recorded.sequences.at(-1),
  );
  const first = stored.indexOf(recorded.sequences[0]);
  assertEquals(stored.slice(first), recorded.sequences);
  assertEquals(agent.status.droppedEvents, 0);
  assert(recorded.sequences.length > 120);
});

natsTest("a cluster whose leaders are killed at random loses no event, and no target goes down", async () => {
  await using cluster = await NatsCluster.start();
  await using fleet = await TestFleet.on(cluster);
  const [steady, ...turning] = TARGETS;
  await fleet.apply(TARGETS);
  const agents = [await fleet.agent("a", LEASE), await fleet.agent("b", LEASE), await fleet.agent("c", LEASE)];
  await using log = new VerdictLog(fleet.urls, [steady]);
  await log.until("up 3");
  const [{ agent, prober }] = agents;
  const recorded = new RecordedEvents(agent, prober, turning);
  for (let i = 0; i < 3; i++) {
    const { length } = recorded.sequences;
    await eventually(() => recorded.sequences.length, (now) => now > length + 30);
    const leader = await leaderOf(fleet, EVENTS_STREAM);
    const victim = Math.random() < 0.7 ? cluster.named(leader) : cluster.servers[i];
    await victim.kill();
    await eventually(() => agent.status, ({ isPresent, waiting }) => isPresent && waiting < 5);
    await cluster.start(victim);
  }
  recorded[Symbol.dispose]();
  const stored = await eventually(
    async () => readOnce(await fleet.events("a").catch(() => [])),
    (stored) => stored.at(-1) === recorded.sequences.at(-1),
  );
  assertEquals(stored.slice(stored.indexOf(recorded.sequences[0])), recorded.sequences);
  await log.until("up 3");
  assertEquals(log.ever("down"), []);
});

const LEASE = { lease: 5000 };

async function leaderOf(fleet: TestFleet, stream: string): Promise<string> {
  const { manager } = await fleet.jetstream();
  const found = await eventually(
    async () => (await manager.streams.info(stream).catch(() => undefined))?.cluster?.leader,
    (leader) => leader !== undefined && leader !== "",
  );
  return found!;
}
