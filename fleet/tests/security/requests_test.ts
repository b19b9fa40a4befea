/** Requests of an agent to the JetStream API, on a real server. */

import { assertEquals, assertRejects } from "@std/assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { headers } from "@nats-io/nats-core";
import { fleetStreams } from "../../lib/protocol/streams.ts";
import { natsTest } from "../support/nats_server.ts";
import { SecureFleet } from "../support/secure_fleet.ts";
import { CURRENT, lastOf, OTHERS, subjectsOf } from "../support/attacked_subjects.ts";

/** Requests of JetStream's API that an agent must not be able to make. */
const REQUESTS: [subject: string, payload: unknown][] = fleetStreams(1).flatMap(({ name, subjects }) => [
  [`$JS.API.STREAM.PURGE.${name}`, {}],
  [`$JS.API.STREAM.DELETE.${name}`, {}],
  [`$JS.API.STREAM.UPDATE.${name}`, { name, subjects, max_msgs: 1 }],
  [`$JS.API.STREAM.MSG.DELETE.${name}`, { seq: 1 }],
  [`$JS.API.STREAM.MSG.GET.${name}`, { seq: 1 }],
  [`$JS.API.STREAM.INFO.${name}`, {}],
  [`$JS.API.STREAM.SNAPSHOT.${name}`, { deliver_subject: "_INBOX_a.x" }],
  [`$JS.API.CONSUMER.CREATE.${name}`, { stream_name: name, config: { deliver_subject: CURRENT, ack_policy: "none" } }],
  [`$JS.API.CONSUMER.CREATE.${name}.c`, { stream_name: name, config: { name: "c", ack_policy: "none" } }],
  [`$JS.API.CONSUMER.CREATE.${name}.c.${subjects[0]}`, {
    stream_name: name,
    config: { name: "c", filter_subject: subjects[0], deliver_subject: CURRENT, ack_policy: "none" },
  }],
  [`$JS.API.CONSUMER.DURABLE.CREATE.${name}.c`, {
    stream_name: name,
    config: { durable_name: "c", ack_policy: "none" },
  }],
  [`$JS.API.STREAM.RESTORE.${name}`, { config: { name, subjects }, state: {} }],
  [`$JS.API.STREAM.LEADER.STEPDOWN.${name}`, {}],
  [`$JS.API.STREAM.PEER.REMOVE.${name}`, { peer: "x" }],
  [`$JS.API.CONSUMER.DELETE.${name}.known`, {}],
  [`$JS.API.CONSUMER.PAUSE.${name}.known`, { pause_until: "2100-01-01T00:00:00Z" }],
  [`$JS.API.CONSUMER.INFO.${name}.known`, {}],
  [`$JS.API.CONSUMER.LIST.${name}`, {}],
  [`$JS.API.CONSUMER.NAMES.${name}`, {}],
  [`$JS.API.CONSUMER.MSG.NEXT.${name}.known`, { batch: 1, no_wait: true }],
]);

/** The same requests, by the wildcards and prefixes of the server's API. */
for (const prefix of ["$JS.API", "$JS.fleet.API", "JS.API", "$JS.*", "$SYS.REQ.ACCOUNT.FLEET.JS.API"]) {
  for (const request of ["STREAM.PURGE.KV_fleet_list", "STREAM.PURGE.*", "STREAM.>", "STREAM.NAMES", ">"]) {
    REQUESTS.push([`${prefix}.${request}`, {}]);
  }
}

REQUESTS.push(
  ["$JS.API.INFO", {}],
  ["$JS.API.STREAM.LIST", {}],
  ["$JS.API.STREAM.CREATE.OWN", { name: "OWN", subjects: ["fleet.events.b.x"] }],
  ["$JS.API.META.LEADER.STEPDOWN", {}],
  ["$JS.API.SERVER.REMOVE", { peer: "x" }],
  ["$SYS.REQ.SERVER.PING", {}],
  ["$SYS.REQ.USER.INFO", {}],
  ["$JS.API.ACCOUNT.PURGE.FLEET", {}],
  ["$JS.API.DIRECT.GET.FLEET_EVENTS", { seq: 1 }],
  ["$JS.API.DIRECT.GET.FLEET_MINUTES", { seq: 1 }],
  ["$JS.API.DIRECT.GET.FLEET_EVENTS.fleet.events.b", ""],
  ["$JS.API.DIRECT.GET.FLEET_MINUTES.fleet.minutes.b", ""],
  ["$JS.API.DIRECT.GET.KV_fleet_hubs", { seq: 1 }],
  ["$JS.API.DIRECT.GET.KV_fleet_hubs.$KV.fleet_hubs.notifier", ""],
);

natsTest("an agent can't change, delete or purge streams, nor create, list or delete consumers", async () => {
  await using fleet = await SecureFleet.start();
  const attacker = await fleet.connect("a");
  for (const subject of OTHERS) await jetstream(fleet.admin).publish(subject, "x");
  const { consumers } = await jetstreamManager(fleet.admin);
  for (const { name } of fleetStreams(1)) await consumers.add(name, { durable_name: "known", ack_policy: "explicit" });
  const before = await fleet.contents();
  for (const [subject, payload] of REQUESTS) {
    await assertRejects(() => attacker.request(subject, JSON.stringify(payload), { timeout: 500 }), Error);
  }
  assertEquals(await fleet.contents(), before);
  for (const { name } of fleetStreams(1)) {
    assertEquals((await Array.fromAsync(consumers.list(name))).map(({ name }) => name), ["known"]);
  }
});

natsTest("headers of an agent's own messages remove no message of another", async () => {
  await using fleet = await SecureFleet.start();
  const attacker = await fleet.connect("a");
  for (const subject of OTHERS) await jetstream(fleet.admin).publish(subject, "kept");
  const last = () => Promise.all(OTHERS.map((subject) => lastOf(fleet.admin, subject)));
  const before = await last();
  const tricks: [header: string, value: string][] = [
    ["Nats-Rollup", "all"],
    ["Nats-Rollup", "sub"],
    ["KV-Operation", "PURGE"],
    ["Nats-TTL", "1s"],
    ["Nats-Schedule", "@at 2026-01-01T00:00:00Z"],
    ["Nats-Batch-Id", "x"],
    ["Nats-Incr", "1"],
  ];
  for (const subject of subjectsOf("a")) {
    for (const [header, value] of tricks) {
      const trick = headers();
      trick.set(header, value);
      // Some are refused, some are stored at the agent's own subject.
      await jetstream(attacker).publish(subject, "x", { headers: trick, timeout: 1000 }).catch(() => {});
    }
  }
  assertEquals(await last(), before);
});
