/** Administration of a fleet, on a real server. */

import { assertEquals, assertRejects } from "@std/assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { FleetAdmin, listed, ListError } from "../lib/admin/mod.ts";
import { shardOf, sliceOf } from "../lib/assignment/shards.ts";
import { connectFleet } from "../lib/connect.ts";
import { encode } from "../lib/protocol/codec.ts";
import {
  agentKey,
  bucketStream,
  hubKey,
  keySubject,
  LIST_BUCKET,
  manifestKey,
  reportsKey,
  STATE_BUCKET,
} from "../lib/protocol/subjects.ts";
import { NatsServer, natsTest } from "./support/nats_server.ts";

const BOOT = "0123456789abcdef";

async function put(connection: NatsConnection, key: string, value: unknown): Promise<void> {
  await jetstream(connection).publish(keySubject(STATE_BUCKET, key), encode(value));
}

async function say(connection: NatsConnection, agent: string, reports: Record<string, "up" | "down">): Promise<void> {
  const lease = {
    zone: `zone-${agent}`,
    boot: BOOT,
    epoch: 1,
    lease: 60_000,
    version: "0.1.0",
    list: null,
    targets: 2,
  };
  await put(connection, agentKey(agent), lease);
  for (const [slice, ids] of Map.groupBy(Object.keys(reports), (id) => sliceOf(shardOf(id)))) {
    const said = ids.map((id) => [id, reports[id], 0, 0, 3, null]);
    await put(connection, reportsKey(agent, slice), { boot: BOOT, epoch: 1, reports: said });
  }
}

natsTest("without a fleet a list is compared with an empty one, and other requests fail with a remedy", async () => {
  await using server = await NatsServer.start();
  await using admin = await FleetAdmin.connect({ servers: [server.url], name: "admin" });
  const { difference, isInForce } = await admin.plan({ targets: [listed("a:1")], monitor: {}, vote: {} });
  assertEquals([difference.added, isInForce], [[listed("a:1")], false]);
  const message = "There is no fleet at these servers: apply a target list, which sets the fleet up";
  for (const ask of [() => admin.lists(), () => admin.status(), () => admin.rollBack()]) {
    await assertRejects(ask, ListError, message);
  }
});

natsTest("a plan that is made before the streams are set up can be applied", async () => {
  await using server = await NatsServer.start();
  await using admin = await FleetAdmin.connect({ servers: [server.url], name: "admin" });
  const apply = async (target: string) => {
    const plan = await admin.plan({ targets: [listed(target)], monitor: {}, vote: {} });
    await admin.setUp();
    await plan.apply();
    return plan;
  };
  await apply("a:1");
  // A fleet that lacks a stream still has its list.
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  await (await jetstreamManager(connection)).streams.delete(bucketStream(STATE_BUCKET));
  await connection.close();
  assertEquals((await apply("b:1")).difference.removed, [listed("a:1")]);
  assertEquals((await admin.lists()).map(({ isInForce }) => isInForce), [true, false]);
});

natsTest("a damaged list is listed with the reason", async () => {
  await using server = await NatsServer.start();
  await using admin = await FleetAdmin.connect({ servers: [server.url], name: "admin" });
  await admin.setUp();
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  const plans = ["a:1", "b:1"].map((target) => ({ targets: [listed(target)], monitor: {}, vote: {} }));
  const digests: string[] = [];
  for (const list of plans) {
    const plan = await admin.plan(list);
    await plan.apply();
    digests.push(plan.digest);
  }
  await jetstream(connection).publish(keySubject(LIST_BUCKET, manifestKey(digests[0])), "x");
  const [now, before] = await admin.lists();
  assertEquals([now.targets, now.problem, before.targets], [1, undefined, undefined]);
  assertEquals(before.problem, `The key list.${digests[0]} is damaged: its SHA-256 does not match`);
  await connection.close();
});

natsTest("the status has the present agents, and the targets that are not up or disputed", async () => {
  await using server = await NatsServer.start();
  await using admin = await FleetAdmin.connect({ servers: [server.url], name: "admin" });
  await admin.setUp();
  assertEquals(await admin.status(), { agents: [], counts: { up: 0, down: 0, unknown: 0 }, conspicuous: [] });

  const ids = ["a:1", "b:1", "c:1", "d:1"];
  const plan = await admin.plan({ targets: ids.map(listed), monitor: {}, vote: {} });
  assertEquals([plan.isInForce, plan.targets], [false, 4]);
  await plan.apply();
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  await say(connection, "x", { "a:1": "up", "b:1": "down", "c:1": "up", "other:1": "down" });
  await say(connection, "y", { "a:1": "up", "b:1": "down", "c:1": "down" });
  await say(connection, "z", { "a:1": "up", "b:1": "up", "c:1": "up" });
  await put(connection, hubKey("h"), { boot: BOOT, lease: 10_000, version: "0.1.0", notifier: true });

  const { agents, list, counts, conspicuous } = await admin.status();
  assertEquals(agents[1], { name: "y", zone: "zone-y", version: "0.1.0", targets: 2, list: null });
  assertEquals(agents.map(({ name }) => name), ["x", "y", "z"]);
  assertEquals([list, counts], [plan.digest, { up: 2, down: 1, unknown: 1 }]);
  assertEquals(conspicuous.map(({ id, verdict, agreement }) => [id, verdict.state, agreement]), [
    ["b:1", "down", "2 of 3 agree: up from zone-z only"],
    ["c:1", "up", "2 of 3 agree: down from zone-y only"],
    ["d:1", "unknown", "no witness"],
  ]);
  await put(connection, agentKey("y"), {
    zone: "z",
    boot: BOOT,
    epoch: 1,
    lease: 1000,
    version: "",
    list: null,
    targets: 0,
    left: true,
  });
  assertEquals((await admin.status()).agents.map(({ name }) => name), ["x", "z"]);
  await connection.close();
});

natsTest("an agent whose lease has ended by the server's clock is absent, without any message", async () => {
  await using server = await NatsServer.start();
  await using admin = await FleetAdmin.connect({ servers: [server.url], name: "admin" });
  await admin.setUp();
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  const lease = { zone: "z", boot: BOOT, epoch: 1, lease: 1000, version: "", list: null, targets: 0 };
  await put(connection, agentKey("x"), lease);
  const began = performance.now();
  while ((await admin.status()).agents.length > 0);
  assertEquals(performance.now() - began > 900, true);
  await connection.close();
});

natsTest("applied lists are listed, the latest first, and the list in force is marked", async () => {
  await using server = await NatsServer.start();
  await using admin = await FleetAdmin.connect({ servers: [server.url], name: "admin" });
  await admin.setUp();
  assertEquals(await admin.lists(), []);
  const digests: string[] = [];
  for (const target of ["a:1", "b:1"]) {
    const plan = await admin.plan({ targets: [listed(target)], monitor: {}, vote: { witnesses: 2 } });
    await plan.apply();
    digests.unshift(plan.digest);
  }
  const lists = await admin.lists();
  assertEquals(lists.map(({ digest, targets, isInForce }) => [digest, targets, isInForce]), [
    [digests[0], 1, true],
    [digests[1], 1, false],
  ]);
  assertEquals((await admin.plan({ targets: [listed("b:1")], monitor: {}, vote: { witnesses: 2 } })).isInForce, true);
  assertEquals(await admin.rollBack(), digests[1]);
});
