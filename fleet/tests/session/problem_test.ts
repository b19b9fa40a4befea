/** Messages of agents and administrators about servers that refuse or end their connections. */

import { assertEquals, assertRejects } from "@std/assert";
import { FleetAdmin } from "../../lib/admin/mod.ts";
import { FleetAgent } from "../../lib/agent/mod.ts";
import { Hub } from "../../lib/hub/mod.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet } from "../support/fleet.ts";
import { NatsServer, natsTest } from "../support/nats_server.ts";
import { SecureFleet } from "../support/secure_fleet.ts";
import { StubProber } from "../support/stub_prober.ts";

/** The server as messages name it. */
function nameOf({ place: { hostname, port } }: NatsServer): string {
  return `${hostname}:${port}`;
}

function seedOf(fleet: SecureFleet, name: string): Uint8Array {
  return new TextEncoder().encode(fleet.keys[name].seed);
}

natsTest("an agent tells which server has closed the connection, that it goes on, and when it is back", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(["192.0.2.1:80"]);
  const { agent, messages } = await fleet.agent("a");
  await eventually(() => agent.status.isPresent, Boolean);
  await fleet.server.kill();
  const { url } = fleet.server;
  const goesOn = "checks continue, and the agent reconnects";
  const ended = `Cut off from the fleet: ${
    nameOf(fleet.server)
  } has closed the connection, or can't be reached; ${goesOn}`;
  const refused = `Cut off from the fleet: ${url}: connection refused; ${goesOn}`;
  await eventually(() => messages, () => messages.includes(refused));
  await fleet.server.start();
  await eventually(() => messages, () => messages.at(-1) !== refused);
  assertEquals(messages.slice(-2), [refused, `Back in the fleet, by ${nameOf(fleet.server)}`]);
  // A busy agent may find the server gone only when it connects again.
  assertEquals(messages.slice(0, -2), messages.length === 2 ? [] : [ended]);
});

natsTest("an agent with the key of another is told once, however often it tries", async () => {
  await using fleet = await SecureFleet.start();
  const messages: string[] = [];
  await using _agent = await FleetAgent.start({
    connection: { servers: [fleet.server.url], seed: seedOf(fleet, "b") },
    ...{ name: "a", zone: "z", parts: { prober: new StubProber() } },
    onMessage: (message) => messages.push(message),
  });
  await eventually(() => fleet.server.log.text.split("Subscription Violation").length, (parts) => parts > 3);
  const problem = `${nameOf(fleet.server)} knows the key as another user's: use the key of a`;
  assertEquals(messages, [`Cut off from the fleet: ${problem}; checks continue, and the agent reconnects`]);
});

natsTest("an administrator is told what is wrong with a key, and which server refuses", async () => {
  await using fleet = await SecureFleet.start();
  const connection = { servers: [fleet.server.url], name: "admin" };
  const refused = `${fleet.server.url} rejects the key: use a key that is in its configuration`;
  await assertRejects(() => FleetAdmin.connect(connection), Error, refused);
  await using agent = await FleetAdmin.connect({ ...connection, seed: seedOf(fleet, "a") });
  const other = `${nameOf(fleet.server)} knows the key as another user's: use the key of admin`;
  for (const ask of [() => agent.lists(), () => agent.status(), () => agent.setUp()]) {
    await assertRejects(ask, Error, other);
  }
});

natsTest("agents and hubs tell that there is no fleet yet, and begin when there is one", async () => {
  await using server = await NatsServer.start();
  const missing = `${nameOf(server)} has no fleet, or its cluster has no leader: put a target list in force`;
  const messages: string[] = [];
  const onMessage = (message: string) => messages.push(message);
  const connection = { servers: [server.url] };
  await using agent = await FleetAgent.start({
    ...{ connection, name: "a", zone: "z", onMessage },
    parts: { prober: new StubProber() },
  });
  // A server that has just started may refuse the first session for another reason.
  const isMissing = (start: string) => (messages: string[]) =>
    messages.some((text) => text.startsWith(start + missing));
  await eventually(() => messages, isMissing("Cut off from the fleet: "));
  messages.length = 0;
  await using hub = await Hub.start({ nats: { ...connection, name: "h" }, name: "h", onMessage });
  await eventually(() => messages, isMissing("Cut off from the fleet, and states stay as they are: "));
  await using admin = await FleetAdmin.connect({ ...connection, name: "admin" });
  await admin.setUp();
  await eventually(() => agent.status.isPresent && hub.isConnected, Boolean);
  await hub.ready;
  assertEquals(messages.filter((text) => /responders|\$JS/.test(text)), []);
});

natsTest("hubs and administrators are told that a server has no JetStream", async () => {
  await using server = await NatsServer.start({ config: ({ hostname, port }) => `listen: "${hostname}:${port}"` });
  const messages: string[] = [];
  const onMessage = (message: string) => messages.push(message);
  const connection = { servers: [server.url] };
  const problem = `${nameOf(server)} has no JetStream: enable it, as the configuration by fleet nats-config does`;
  await using _hub = await Hub.start({ nats: { ...connection, name: "h" }, name: "h", onMessage });
  await eventually(() => messages, (messages) => messages.some((text) => text.endsWith(problem)));
  await using admin = await FleetAdmin.connect({ ...connection, name: "admin" });
  await assertRejects(() => admin.setUp(), Error, problem);
});

natsTest("an agent and a hub don't start with servers that they could never reach", async () => {
  const start = (servers: string[]) => FleetAgent.start({ connection: { servers }, name: "a", zone: "z" });
  await assertRejects(() => start(["http://127.0.0.1"]), TypeError, 'The URL "http://127.0.0.1" is invalid');
  const { message } = await assertRejects(() => start(["nats://user:secret@127.0.0.1:4222"]), TypeError);
  assertEquals(message, 'The URL of "127.0.0.1:4222" has a user or a password: use the seed of a key instead');
});
