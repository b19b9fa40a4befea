/** The streams of a fleet, on real servers. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { connectFleet } from "../lib/connect.ts";
import { fleetStreams } from "../lib/protocol/streams.ts";
import { EVENTS_STREAM, eventsSubject, keySubject, republished, STATE_BUCKET } from "../lib/protocol/subjects.ts";
import { setUpFleet } from "../lib/setup.ts";
import { NatsCluster } from "./support/nats_cluster.ts";
import { NatsServer, natsTest } from "./support/nats_server.ts";
import { answered } from "./support/answered.ts";
import { reconnected } from "./support/reconnected.ts";

async function lastEvent(connection: NatsConnection): Promise<string | undefined> {
  const { streams } = await jetstreamManager(connection, { checkAPI: false });
  return (await answered(() => streams.getMessage(EVENTS_STREAM, { last_by_subj: eventsSubject("a") })))?.string();
}

natsTest("an acknowledged message survives kill -9 of the server, and all connections reconnect", async () => {
  await using server = await NatsServer.start();
  for (const url of [server.url, server.websocketUrl]) {
    const connection = await connectFleet({ servers: [url], name: "test" });
    await setUpFleet(connection);
    await jetstream(connection).publish(eventsSubject("a"), url);
    const isBack = reconnected(connection);
    await server.kill();
    await server.start();
    await isBack;
    assertEquals(await lastEvent(connection), url);
    await connection.close();
  }
});

natsTest("a second set-up restores the required configuration, and keeps messages and limits", async () => {
  await using server = await NatsServer.start();
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  await setUpFleet(connection);
  await jetstream(connection).publish(eventsSubject("a"), "kept");
  const { streams } = await jetstreamManager(connection);
  const { config } = await streams.info(EVENTS_STREAM);
  await streams.update(EVENTS_STREAM, {
    ...config,
    max_bytes: 1_000_000,
    allow_rollup_hdrs: true,
    allow_direct: false,
  });
  await setUpFleet(connection);
  const { max_bytes, allow_rollup_hdrs, allow_direct } = (await streams.info(EVENTS_STREAM)).config;
  assertEquals([max_bytes, allow_rollup_hdrs, allow_direct], [1_000_000, false, true]);
  assertEquals(await lastEvent(connection), "kept");
  await connection.close();
});

natsTest("no stream accepts a roll-up, which would remove the messages of all agents", async () => {
  await using server = await NatsServer.start();
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  await setUpFleet(connection);
  const rollUp = headers();
  rollUp.set("Nats-Rollup", "all");
  for (const { subjects } of fleetStreams(1)) {
    const subject = subjects[0].replace(/[*>]$/, "a");
    await assertRejects(() => jetstream(connection).publish(subject, "x", { headers: rollUp }), Error, "rollup");
  }
  await connection.close();
});

natsTest("the server republishes stored leases with their sequence, and no reports", async () => {
  await using server = await NatsServer.start();
  const connection = await connectFleet({ servers: [server.url], name: "test" });
  await setUpFleet(connection);
  const subscription = connection.subscribe(republished(STATE_BUCKET, ">"), { max: 2 });
  const stored: number[] = [];
  for (const key of ["agent.a", "reports.a.00", "agent.b"]) {
    const { seq } = await jetstream(connection).publish(keySubject(STATE_BUCKET, key), key);
    if (key.startsWith("agent")) stored.push(seq);
  }
  const seen: [string, number][] = [];
  for await (const message of subscription) {
    seen.push([message.subject, Number(message.headers?.get("Nats-Sequence"))]);
  }
  assertEquals(seen, [[republished(STATE_BUCKET, "agent.a"), stored[0]], [
    republished(STATE_BUCKET, "agent.b"),
    stored[1],
  ]]);
  await connection.close();
});

natsTest("in a cluster of three, streams continue after kill -9 of their leader", async () => {
  await using cluster = await NatsCluster.start();
  const connection = await connectFleet({ servers: cluster.urls, name: "test" });
  await setUpFleet(connection, { replicas: 3 });
  await jetstream(connection).publish(eventsSubject("a"), "before");
  const { streams } = await jetstreamManager(connection);
  const leader = (await streams.info(EVENTS_STREAM)).cluster?.leader;
  assert(leader !== undefined);
  // The connection may have been to the leader, or to another server.
  const isBack = connection.info?.server_name === leader ? reconnected(connection) : undefined;
  await cluster.named(leader).kill();
  await isBack;
  await answered(() => jetstream(connection).publish(eventsSubject("a"), "after"));
  assertEquals(await lastEvent(connection), "after");
  await connection.close();
});
