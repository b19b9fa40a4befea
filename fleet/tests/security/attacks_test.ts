/** Attempts to break out of the generated configuration, on a real server. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { connectFleet } from "../../lib/connect.ts";
import { fleetStreams } from "../../lib/protocol/streams.ts";
import { bucketStream, keySubject, LIST_BUCKET, STATE_BUCKET } from "../../lib/protocol/subjects.ts";
import { createKeys } from "../../lib/security/keys.ts";
import { agentPermissions, READ_REQUESTS, writtenBy } from "../../lib/security/subjects.ts";
import { setUpFleet } from "../../lib/setup.ts";
import { NatsServer, natsTest } from "../support/nats_server.ts";
import { SecureFleet } from "../support/secure_fleet.ts";

/** A subject of each message that an agent writes. */
function subjectsOf(agent: string): string[] {
  return writtenBy(agent).map((subject) => subject.replace("*", "00"));
}

const CURRENT = keySubject(LIST_BUCKET, "current");
/** Subjects that agent `a` must not have anything stored at. */
const OTHERS = [
  ...subjectsOf("b"),
  CURRENT,
  keySubject(LIST_BUCKET, "list.x"),
  keySubject(STATE_BUCKET, "hub.h"),
  "$KV.fleet_hubs.notifier",
];

/** Publishes what the attacker may store, with an answer to a subject that it may not. */
async function replyTo(victim: string, attacker: NatsConnection): Promise<void> {
  for (const subject of subjectsOf("a")) attacker.publish(subject, "x", { reply: victim });
  const [byKey, state] = READ_REQUESTS;
  const stream = JSON.stringify({ multi_last: [keySubject(STATE_BUCKET, "agent.a")] });
  attacker.publish(state, stream, { reply: victim });
  attacker.publish(byKey.replace(">", "current"), "", { reply: victim });
  attacker.publish(`${state}.${keySubject(STATE_BUCKET, "agent.a")}`, "", { reply: victim });
  await attacker.flush();
  // Streams store in order: what came before these is stored, too.
  for (const subject of subjectsOf("a")) await jetstream(attacker).publish(subject, "x");
}

/** The last message at a subject: its sequence and content. */
async function lastOf(admin: NatsConnection, subject: string): Promise<string | undefined> {
  const { streams } = await jetstreamManager(admin);
  const message = await streams.getMessage(await streams.find(subject), { last_by_subj: subject });
  return message === null ? undefined : `${message.seq} ${message.string()}`;
}

natsTest(
  "an agent writes its own messages, reads list and leases, and gets the server's messages about both",
  async () => {
    await using fleet = await SecureFleet.start();
    const agent = await fleet.connect("a");
    const seen: string[] = [];
    for (const subject of ["fleet.out.fleet_list.current", "fleet.out.fleet_state.agent.*"]) {
      agent.subscribe(subject, {
        callback: (error, { subject }) => {
          seen.push(error?.message ?? subject);
        },
      });
    }
    await agent.flush();
    for (const subject of subjectsOf("a")) {
      assertEquals((await jetstream(agent).publish(subject, "x")).duplicate, false, subject);
    }
    await jetstream(fleet.admin).publish(CURRENT, "list");
    const { direct } = await jetstreamManager(agent, { checkAPI: false });
    assertEquals((await direct.getMessage(bucketStream(LIST_BUCKET), { last_by_subj: CURRENT }))?.string(), "list");
    const leases = await direct.getLastMessagesFor(bucketStream(STATE_BUCKET), {
      multi_last: [keySubject(STATE_BUCKET, "agent.*")],
    });
    assertEquals((await Array.fromAsync(leases)).map(({ subject }) => subject), [keySubject(STATE_BUCKET, "agent.a")]);
    const batch = await direct.getBatch(bucketStream(STATE_BUCKET), {
      seq: 1,
      batch: 10,
      next_by_subj: "$KV.fleet_state.>",
    });
    assertEquals((await Array.fromAsync(batch)).length, 2);
    await agent.flush();
    assertEquals(seen.sort(), ["fleet.out.fleet_list.current", "fleet.out.fleet_state.agent.a"]);
  },
);

natsTest("an agent can't speak for another, change the list, or write what hubs write", async () => {
  await using fleet = await SecureFleet.start();
  const attacker = await fleet.connect("a");
  await jetstream(fleet.admin).publish(CURRENT, "list");
  const before = await fleet.contents();
  for (const subject of OTHERS) {
    await assertRejects(() => jetstream(attacker).publish(subject, "x"), Error);
    attacker.publish(subject, "x");
  }
  await attacker.flush();
  assertEquals(await fleet.contents(), before);
});

natsTest("an agent can store reports of the 256 slices, and nothing beside them", async () => {
  await using fleet = await SecureFleet.start();
  const attacker = await fleet.connect("a");
  const reports = (slice: string) => jetstream(attacker).publish(keySubject(STATE_BUCKET, `reports.a.${slice}`), "x");
  for (const slice of ["00", "0a", "ff"]) await reports(slice);
  const before = await fleet.contents();
  for (const slice of ["0", "100", "FF", "gg", "00x", "-1", "any"]) await assertRejects(() => reports(slice), Error);
  assertEquals(await fleet.contents(), before);
});

natsTest("answers that an agent directs to a subject of the fleet are stored nowhere", async () => {
  await using fleet = await SecureFleet.start();
  const attacker = await fleet.connect("a");
  for (const subject of OTHERS) await jetstream(fleet.admin).publish(subject, "true");
  const last = () => Promise.all(OTHERS.map((subject) => lastOf(fleet.admin, subject)));
  const before = await last();
  for (const subject of OTHERS) await replyTo(subject, attacker);
  assertEquals(await last(), before);
});

natsTest("with permissions alone, in place of accounts, such answers would be stored", async () => {
  const [keys, administrator] = [createKeys(), createKeys()];
  const { publish, subscribe } = agentPermissions("a");
  await using server = await NatsServer.start({
    config: ({ hostname, port }, folder) => `
      listen: "${hostname}:${port}"
      jetstream { store_dir: "${folder}" }
      authorization { users: [
        { nkey: ${keys.publicKey}, permissions: ${JSON.stringify({ publish, subscribe })} }
        { nkey: ${administrator.publicKey} }
      ] }
    `,
  });
  const admin = await connectFleet({
    servers: [server.url],
    name: "admin",
    seed: new TextEncoder().encode(administrator.seed),
  });
  const attacker = await connectFleet({ servers: [server.url], name: "a", seed: new TextEncoder().encode(keys.seed) });
  await setUpFleet(admin);
  await jetstream(admin).publish(CURRENT, "true");
  await jetstream(attacker).publish(subjectsOf("a")[0], "forged");
  attacker.publish(`${READ_REQUESTS[1]}.${subjectsOf("a")[0]}`, "", { reply: CURRENT });
  await attacker.flush();
  // The answer is stored a moment after the request.
  for (let tries = 0; await lastOf(admin, CURRENT) === "1 true"; tries++) assert(tries < 1000);
  assertEquals(await lastOf(admin, CURRENT), "2 forged");
  await attacker.close();
  await admin.close();
});

/** Requests of JetStream's API that change or show what an agent has no business with. */
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
/** The same by the wildcards and prefixes under which the server knows its API. */
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

natsTest("an agent sees neither the inboxes nor the messages of others", async () => {
  await using fleet = await SecureFleet.start();
  const [attacker, victim] = [await fleet.connect("a"), await fleet.connect("b")];
  const seen: string[] = [];
  const refused: string[] = [];
  const subjects = [
    ">",
    "*.>",
    "_INBOX.>",
    "_INBOX_b.>",
    "_INBOX_admin.>",
    "fleet.>",
    "$KV.>",
    "$JS.>",
    "$JS.EVENT.ADVISORY.>",
    "$JS.EVENT.METRIC.>",
    "$JS.API.>",
    "$JS.ACK.>",
    "$SYS.>",
    "fleet.out.fleet_state.>",
    "fleet.out.fleet_state.reports.b.*",
    "fleet.out.fleet_list.>",
    ...subjectsOf("b"),
  ];
  for (const subject of subjects) {
    attacker.subscribe(subject, {
      callback: (error, message) => {
        if (error === null) seen.push(message.subject);
        else refused.push(subject);
      },
    });
  }
  await attacker.flush();
  for (const subject of subjectsOf("b")) await jetstream(victim).publish(subject, "secret");
  const { direct } = await jetstreamManager(victim, { checkAPI: false });
  await direct.getMessage(bucketStream(STATE_BUCKET), { last_by_subj: subjectsOf("b")[0] });
  await jetstream(fleet.admin).publish(CURRENT, "list");
  await fleet.contents();
  await attacker.flush();
  assertEquals([seen, refused.toSorted()], [[], subjects.toSorted()]);
});

natsTest("what an agent forges of the server's own messages reaches no other connection", async () => {
  await using fleet = await SecureFleet.start();
  const attacker = await fleet.connect("a");
  const seen: string[] = [];
  // The administrator may read everything in the account, and an agent and a hub what the server republishes.
  const readers: [name: string, subjects: string[]][] = [
    ["admin", [">"]],
    ["b", ["fleet.out.fleet_list.current", "fleet.out.fleet_state.agent.*", "_INBOX_b.>"]],
    ["h", ["fleet.out.fleet_list.>", "fleet.out.fleet_state.>", "_INBOX_h.>"]],
  ];
  const connections: NatsConnection[] = [];
  for (const [name, subjects] of readers) {
    const connection = await fleet.connect(name);
    connections.push(connection);
    for (const subject of subjects) {
      connection.subscribe(subject, {
        callback: (_error, message) => {
          if (message.string() === "forged") seen.push(`${name}: ${message.subject}`);
        },
      });
    }
    await connection.flush();
  }
  const subjects = [
    "fleet.out.fleet_list.current",
    "fleet.out.fleet_state.agent.b",
    "fleet.out.fleet_state.agent.a",
    "_INBOX_b.x",
    "_INBOX_h.x",
    "_INBOX_admin.x",
    "$JS.EVENT.ADVISORY.STREAM.DELETED.KV_fleet_list",
    "$JS.ACK.KV_fleet_state.known.1.1.1.1.1",
    "$JS.FC.KV_fleet_state.known.x",
    "$SYS.ACCOUNT.FLEET.DISCONNECT",
  ];
  const forged = headers();
  for (const subject of subjects) {
    forged.set("Nats-Subject", subject.replace("fleet.out.", "$KV."));
    attacker.publish(subject, "forged", { headers: forged });
  }
  await attacker.flush();
  // The readers do see what the agent may write.
  await jetstream(attacker).publish(keySubject(STATE_BUCKET, "agent.a"), "forged");
  for (const connection of connections) await connection.flush();
  assertEquals(seen.sort(), [
    "admin: $KV.fleet_state.agent.a",
    "admin: fleet.out.fleet_state.agent.a",
    "b: fleet.out.fleet_state.agent.a",
    "h: fleet.out.fleet_state.agent.a",
  ]);
});

natsTest("without the right key nothing connects, and an agent that was removed is cut off", async () => {
  await using fleet = await SecureFleet.start();
  const agent = await fleet.connect("a");
  await assertRejects(() => fleet.connect("a", createKeys().seed), Error, "uthorization");
  await assertRejects(() => connectFleet({ servers: [fleet.server.url], name: "a" }), Error, "uthorization");

  // Another agent's key gives no right to the name.
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

natsTest("an agent that is added may write after two reloads, and connections of others stay", async () => {
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
