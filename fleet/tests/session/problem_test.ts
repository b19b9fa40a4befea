/** Messages of agents and administrators about servers that refuse or end their connections. */

import { assertEquals, assertRejects } from "@std/assert";
import { createKeys, FleetAdmin, listed } from "../../lib/admin/mod.ts";
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

natsTest("an agent reports which server closed the connection, that it continues, and when it reconnects", async () => {
  await using fleet = await TestFleet.start();
  await fleet.apply(["192.0.2.1:80"]);
  // On a busy machine a short lease may expire, which is reported, too.
  const { agent, messages } = await fleet.agent("a", { lease: 10_000 });
  await eventually(() => agent.status.targets, (targets) => targets === 1);
  await fleet.server.kill();
  const { url } = fleet.server;
  const goesOn = "checks continue, and the agent reconnects";
  const ended = `Disconnected from the fleet: ${
    nameOf(fleet.server)
  } closed the connection, or can't be reached; ${goesOn}`;
  const refused = `Disconnected from the fleet: ${url}: connection refused; ${goesOn}`;
  await eventually(() => messages, () => messages.includes(refused));
  await fleet.server.start();
  await eventually(() => messages, () => messages.at(-1) !== refused);
  assertEquals(messages.slice(-2), [refused, `Reconnected to the fleet, through ${nameOf(fleet.server)}`]);
  // A busy agent may notice only when it reconnects that the server is down.
  assertEquals(messages.slice(0, -2), messages.length === 2 ? [] : [ended]);
});

/** Starts an agent of a fleet with its own key or another one. */
async function startAgent(fleet: SecureFleet, name: string, seed?: Uint8Array, outbox?: string) {
  const messages: string[] = [];
  const agent = await FleetAgent.start({
    ...{ name, zone: "z", outbox, parts: { prober: new StubProber() }, settle: 100 },
    connection: { servers: [fleet.server.url], seed },
    onMessage: (message) => messages.push(message),
  });
  return { agent, messages, [Symbol.asyncDispose]: () => agent[Symbol.asyncDispose]() };
}

/** Waits until a signal aborts, and returns the message of its reason. */
async function reasonOf(signal: AbortSignal): Promise<string> {
  await eventually(() => signal.aborted, Boolean);
  return signal.reason.message;
}

natsTest("the first start of an agent or a hub ends if its key is refused", async () => {
  await using fleet = await SecureFleet.start();
  const other = `${nameOf(fleet.server)} has this key for another user: use the key of `;
  const unknown = `${fleet.server.url} rejects the key: use a key that is in its configuration`;
  const missing = `${fleet.server.url} requires a key: add --seed-file FILE`;
  const stranger = new TextEncoder().encode(createKeys().seed);
  for (const [seed, problem] of [[seedOf(fleet, "b"), other], [stranger, unknown], [undefined, missing]] as const) {
    await using started = await startAgent(fleet, "a", seed);
    const reason = problem === other ? `${other}a` : problem;
    assertEquals([await reasonOf(started.agent.refused), started.messages], [reason, []]);
    const messages: string[] = [];
    const nats = { servers: [fleet.server.url], name: "h", seed };
    await using hub = await Hub.start({ nats, name: "h", onMessage: (message) => messages.push(message) });
    assertEquals([await reasonOf(hub.refused), messages], [problem === other ? `${other}h` : problem, []]);
  }
});

natsTest(
  "an agent whose key is removed continues, reports it once, and reconnects when the server has the key",
  async () => {
    await using fleet = await SecureFleet.start();
    await using admin = await FleetAdmin.connect({
      ...{ servers: [fleet.server.url], name: "admin", seed: seedOf(fleet, "admin") },
    });
    const plan = await admin.plan({ targets: [listed("192.0.2.1:80")], monitor: {}, vote: { witnesses: 1 } });
    await plan.apply();
    const outbox = `${fleet.server.folder}/outbox.db`;
    const refused =
      `Disconnected from the fleet: ${fleet.server.url} rejects the key: use a key that is in its configuration`;
    const goesOn = `${refused}; checks continue, and the agent reconnects`;
    {
      await using started = await startAgent(fleet, "a", seedOf(fleet, "a"), outbox);
      const { agent, messages } = started;
      await eventually(() => agent.status.targets, (targets) => targets === 1);
      await fleet.allowAgents(["b"]);
      await eventually(() => messages, (messages) => messages.includes(goesOn));
      const attempts = () => fleet.server.log.text.split("authentication error").length;
      const before = attempts();
      await eventually(attempts, (attempts) => attempts > before + 2);
      assertEquals(messages.filter((message) => message === goesOn).length, 1);
      assertEquals([agent.refused.aborted, agent.status.targets], [false, 1]);
      await fleet.allowAgents(["a", "b"]);
      await fleet.server.reload();
      await eventually(() => agent.status.isPresent, Boolean);
      await fleet.allowAgents(["b"]);
    }
    // A later process, which also has targets from the file.
    await using started = await startAgent(fleet, "a", seedOf(fleet, "a"), outbox);
    await eventually(() => started.messages, (messages) => messages.length > 0);
    assertEquals(started.messages, [goesOn]);
    await eventually(() => started.agent.status.targets, (targets) => targets === 1);
    assertEquals(started.agent.refused.aborted, false);
  },
);

natsTest("an agent without targets doesn't report that checks continue", async () => {
  const messages: string[] = [];
  const server = await NatsServer.start();
  await server.kill();
  await using _agent = await FleetAgent.start({
    ...{ connection: { servers: [server.url] }, name: "a", zone: "z", parts: { prober: new StubProber() } },
    onMessage: (message) => messages.push(message),
  });
  await eventually(() => messages, (messages) => messages.length > 0);
  assertEquals(messages, [
    `Disconnected from the fleet: ${server.url}: connection refused; there are no targets to check, and the agent reconnects`,
  ]);
  await server[Symbol.asyncDispose]();
});

natsTest("errors of an administrator name the problem of a key, and the server that rejects it", async () => {
  await using fleet = await SecureFleet.start();
  const connection = { servers: [fleet.server.url], name: "admin" };
  const refused = `${fleet.server.url} rejects the key: use a key that is in its configuration`;
  const stranger = new TextEncoder().encode(createKeys().seed);
  await assertRejects(() => FleetAdmin.connect({ ...connection, seed: stranger }), Error, refused);
  const missing = `${fleet.server.url} requires a key: add --seed-file FILE`;
  await assertRejects(() => FleetAdmin.connect(connection), Error, missing);
  await using agent = await FleetAdmin.connect({ ...connection, seed: seedOf(fleet, "a") });
  const other = `${nameOf(fleet.server)} has this key for another user: use the key of admin`;
  for (const ask of [() => agent.lists(), () => agent.status(), () => agent.setUp()]) {
    await assertRejects(ask, Error, other);
  }
});

natsTest("agents and hubs report that there is no fleet yet, and start when there is one", async () => {
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
  await eventually(() => messages, isMissing("Disconnected from the fleet: "));
  messages.length = 0;
  await using hub = await Hub.start({ nats: { ...connection, name: "h" }, name: "h", onMessage });
  await eventually(() => messages, isMissing("Disconnected from the fleet, and states do not change: "));
  await using admin = await FleetAdmin.connect({ ...connection, name: "admin" });
  await admin.setUp();
  await eventually(() => agent.status.isPresent && hub.isConnected, Boolean);
  await hub.ready;
  assertEquals(messages.filter((text) => /responders|\$JS/.test(text)), []);
});

natsTest("hubs and administrators report that a server has no JetStream", async () => {
  await using server = await NatsServer.start({ config: ({ hostname, port }) => `listen: "${hostname}:${port}"` });
  const messages: string[] = [];
  const onMessage = (message: string) => messages.push(message);
  const connection = { servers: [server.url] };
  const problem = `${nameOf(server)} has no JetStream: enable it, as fleet nats-config does`;
  await using _hub = await Hub.start({ nats: { ...connection, name: "h" }, name: "h", onMessage });
  await eventually(() => messages, (messages) => messages.some((text) => text.endsWith(problem)));
  await using admin = await FleetAdmin.connect({ ...connection, name: "admin" });
  await assertRejects(() => admin.setUp(), Error, problem);
});

natsTest("an agent and a hub don't start with servers that can never be reached", async () => {
  const start = (servers: string[]) => FleetAgent.start({ connection: { servers }, name: "a", zone: "z" });
  await assertRejects(() => start(["http://127.0.0.1"]), TypeError, 'The URL "http://127.0.0.1" is invalid');
  const { message } = await assertRejects(() => start(["nats://user:secret@127.0.0.1:4222"]), TypeError);
  assertEquals(message, 'The URL of "127.0.0.1:4222" has a user or a password: use the seed of a key instead');
});
