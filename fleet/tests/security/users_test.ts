/** Users of the generated configuration: added, removed, and hubs. */

import { assertEquals, assertRejects } from "@std/assert";
import { jetstream } from "@nats-io/jetstream";
import { connectFleet } from "../../lib/connect.ts";
import { fleetStreams } from "../../lib/protocol/streams.ts";
import { keySubject, STATE_BUCKET } from "../../lib/protocol/subjects.ts";
import { createKeys } from "../../lib/security/keys.ts";
import { natsTest } from "../support/nats_server.ts";
import { SecureFleet } from "../support/secure_fleet.ts";
import { CURRENT, OTHERS, subjectsOf } from "../support/attacked_subjects.ts";

natsTest("without the right key no client connects, and a removed agent is disconnected", async () => {
  await using fleet = await SecureFleet.start();
  const agent = await fleet.connect("a");
  await assertRejects(() => fleet.connect("a", createKeys().seed), Error, "uthorization");
  await assertRejects(() => connectFleet({ servers: [fleet.server.url], name: "a" }), Error, "uthorization");

  // Another agent's key is not valid for the name.
  const impostor = await fleet.connect("a", fleet.keys.b.seed);
  await assertRejects(() => jetstream(impostor).publish(subjectsOf("a")[0], "x"), Error);

  const lost = (async () => {
    for await (const { type } of agent.status()) if (type === "disconnect") return;
  })();
  await fleet.allowAgents(["b"]);
  await lost;
  await assertRejects(() => fleet.connect("a"), Error, "uthorization");
  await fleet.connect("b");
});

natsTest("an added agent may write after two reloads, and connections of others stay", async () => {
  await using fleet = await SecureFleet.start();
  await fleet.allowAgents(["b"]);
  const other = await fleet.connect("b");
  await fleet.allowAgents(["a", "b"]);
  // The server connects the imports of a new account at the next reload only.
  await fleet.server.reload();
  const agent = await fleet.connect("a");
  for (const [connection, name] of [[agent, "a"], [other, "b"]] as const) {
    for (const subject of subjectsOf(name)) await jetstream(connection).publish(subject, "x");
  }
  assertEquals(other.isClosed(), false);
});

natsTest("a hub reads all streams and writes its own keys, but no list, lease or report of an agent", async () => {
  await using fleet = await SecureFleet.start();
  const hub = await fleet.connect("h");
  for (const subject of OTHERS) await jetstream(fleet.admin).publish(subject, "x");
  for (const subject of [keySubject(STATE_BUCKET, "hub.h"), "$KV.fleet_hubs.notifier"]) {
    await jetstream(hub).publish(subject, "x");
  }
  const client = jetstream(hub, { checkAPI: false });
  for (const { name } of fleetStreams(1)) {
    const consumer = await client.consumers.get(name);
    const info = await consumer.info();
    if (info.num_pending === 0) continue;
    const messages = await consumer.fetch({ max_messages: 1, expires: 5000 });
    assertEquals((await Array.fromAsync(messages)).length, 1, name);
  }
  const before = await fleet.contents();
  const foreign = [...subjectsOf("a"), ...subjectsOf("b"), CURRENT, keySubject(STATE_BUCKET, "hub.other")];
  for (const subject of foreign) await assertRejects(() => jetstream(hub).publish(subject, "x"), Error);
  for (const { name } of fleetStreams(1)) {
    for (const request of [`STREAM.PURGE.${name}`, `STREAM.DELETE.${name}`, `STREAM.MSG.DELETE.${name}`]) {
      await assertRejects(() => hub.request(`$JS.API.${request}`, "{}", { timeout: 500 }), Error);
    }
  }
  assertEquals(await fleet.contents(), before);
});
