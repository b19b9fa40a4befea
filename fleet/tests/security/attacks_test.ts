/** Attempts to break out of the generated configuration, on a real server. */

import { assert, assertEquals, assertRejects } from "@std/assert";
import { jetstream, jetstreamManager } from "@nats-io/jetstream";
import { headers, type NatsConnection } from "@nats-io/nats-core";
import { connectFleet } from "../../lib/connect.ts";
import { bucketStream, keySubject, LIST_BUCKET, STATE_BUCKET } from "../../lib/protocol/subjects.ts";
import { createKeys } from "../../lib/security/keys.ts";
import { agentPermissions, READ_REQUESTS } from "../../lib/security/subjects.ts";
import { setUpFleet } from "../../lib/setup.ts";
import { NatsServer, natsTest } from "../support/nats_server.ts";
import { SecureFleet } from "../support/secure_fleet.ts";
import { CURRENT, lastOf, OTHERS, subjectsOf } from "../support/attacked_subjects.ts";

/** Publishes messages that the attacker may store, with a reply subject that it may not write to. */
async function replyTo(replySubject: string, attacker: NatsConnection): Promise<void> {
  for (const subject of subjectsOf("a")) attacker.publish(subject, "x", { reply: replySubject });
  const [byKey, state] = READ_REQUESTS;
  const stream = JSON.stringify({ multi_last: [keySubject(STATE_BUCKET, "agent.a")] });
  attacker.publish(state, stream, { reply: replySubject });
  attacker.publish(byKey.replace(">", "current"), "", { reply: replySubject });
  attacker.publish(`${state}.${keySubject(STATE_BUCKET, "agent.a")}`, "", { reply: replySubject });
  await attacker.flush();
  // Streams store in order, so earlier messages are stored, too.
  for (const subject of subjectsOf("a")) await jetstream(attacker).publish(subject, "x");
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

natsTest("an agent can't write messages of other agents, the list, or messages of hubs", async () => {
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

natsTest("an agent can store only reports of the 256 slices", async () => {
  await using fleet = await SecureFleet.start();
  const attacker = await fleet.connect("a");
  const reports = (slice: string) => jetstream(attacker).publish(keySubject(STATE_BUCKET, `reports.a.${slice}`), "x");
  for (const slice of ["00", "0a", "ff"]) await reports(slice);
  const before = await fleet.contents();
  for (const slice of ["0", "100", "FF", "gg", "00x", "-1", "any"]) await assertRejects(() => reports(slice), Error);
  assertEquals(await fleet.contents(), before);
});

natsTest("replies that an agent directs to a subject of the fleet are not stored", async () => {
  await using fleet = await SecureFleet.start();
  const attacker = await fleet.connect("a");
  for (const subject of OTHERS) await jetstream(fleet.admin).publish(subject, "true");
  const last = () => Promise.all(OTHERS.map((subject) => lastOf(fleet.admin, subject)));
  const before = await last();
  for (const subject of OTHERS) await replyTo(subject, attacker);
  assertEquals(await last(), before);
});

natsTest("with permissions in place of accounts, such replies would be stored", async () => {
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

natsTest("forged server messages of an agent reach no other connection", async () => {
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
  // The readers receive what the agent may write.
  await jetstream(attacker).publish(keySubject(STATE_BUCKET, "agent.a"), "forged");
  for (const connection of connections) await connection.flush();
  assertEquals(seen.sort(), [
    "admin: $KV.fleet_state.agent.a",
    "admin: fleet.out.fleet_state.agent.a",
    "b: fleet.out.fleet_state.agent.a",
    "h: fleet.out.fleet_state.agent.a",
  ]);
});
