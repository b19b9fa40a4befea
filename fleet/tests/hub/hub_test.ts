/** Hubs of a fleet, on a real server: verdicts, events, notifications. */

import { assert, assertEquals, assertStringIncludes } from "@std/assert";
import { Receiver } from "../../../monitor/tests/support/receiver.ts";
import { encode } from "../../lib/protocol/codec.ts";
import {
  CURRENT_KEY,
  HUBS_BUCKET,
  keySubject,
  LIST_BUCKET,
  minutesSubject,
  NOTIFIER_KEY,
  STATE_BUCKET,
} from "../../lib/protocol/subjects.ts";
import { eventually } from "../support/eventually.ts";
import { TestFleet, type TestHub } from "../support/fleet.ts";
import { natsTest } from "../support/nats_server.ts";

const TARGETS = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:80`);
const [TARGET] = TARGETS;

/** Starts three agents, each in a zone with its name. */
async function threeAgents(fleet: TestFleet) {
  // A long lease, so that it does not expire on a busy machine.
  return await Promise.all(["a", "b", "c"].map((name) => fleet.agent(name, { lease: 10_000 })));
}

/** Waits until a hub has all targets in a state, by a number of witnesses. */
async function untilAll({ hub }: TestHub, state: string, witnesses = 3): Promise<void> {
  await eventually(
    () => [...hub.monitor.states()],
    (states) =>
      states.length === TARGETS.length &&
      states.every((target) => target.state === state && target.witnesses!.length === witnesses),
  );
}

/** Applies the targets, starts a hub and three agents, and waits until all targets are up. */
async function allUp(fleet: TestFleet, options: Parameters<TestFleet["hub"]>[1] = {}) {
  await fleet.apply(TARGETS);
  const hub = await fleet.hub("one", options);
  const agents = await threeAgents(fleet);
  await untilAll(hub, "up");
  return { hub, agents };
}

/** A configuration with a webhook that gets alerts after 50 ms. */
async function webhook(fleet: TestFleet, url: string): Promise<string> {
  const source = `${fleet.server.folder}/hub.yml`;
  await Deno.writeTextFile(source, `sinks:\n  - type: webhook\n    url: ${url}\n    wait: 50ms\n`);
  return source;
}

/** Status and target of each received alert. */
function alerts({ posted }: Receiver): string[] {
  return posted.flatMap(({ body }) =>
    body.alerts.map(({ status, labels }: { status: string; labels: { id: string } }) => `${status} ${labels.id}`)
  );
}

natsTest("a hub's verdict is a vote, and one witness against two is a disagreement", async () => {
  await using fleet = await TestFleet.start();
  const { hub, agents } = await allUp(fleet);
  agents[0].prober.down.add(TARGET);
  const disagreement = await eventually(
    () => hub.events.find(({ type }) => type === "disagreement"),
    (event) => event !== undefined,
  );
  assert(disagreement?.type === "disagreement");
  const { id, active, state, zones } = disagreement;
  assertEquals({ id, active, state, zones }, { id: TARGET, active: true, state: "down", zones: ["a"] });
  assertEquals(hub.hub.monitor.get(TARGET)?.state, "up");
  agents[1].prober.down.add(TARGET);
  const transition = await eventually(
    () => hub.events.find((event) => event.type === "transition" && event.to === "down"),
    (event) => event !== undefined,
  );
  assert(transition?.type === "transition");
  assertEquals([transition.from, transition.count, transition.of, transition.reason], ["up", 2, 3, "refused"]);
  const { witnesses } = hub.hub.monitor.get(TARGET)!;
  assertEquals(witnesses!.map(({ agent, zone, state }) => `${agent} ${zone} ${state}`), [
    "a a down",
    "b b down",
    "c c up",
  ]);
});

natsTest("a target without a quorum of agents is unknown, not down", async () => {
  await using fleet = await TestFleet.start();
  const { hub, agents } = await allUp(fleet);
  for (const { agent } of agents) await agent[Symbol.asyncDispose]();
  await untilAll(hub, "unknown", 0);
  const transitions = hub.events.flatMap((event) => event.type === "transition" ? [event.to] : []);
  assertEquals(transitions.filter((to) => to === "down"), []);
});

natsTest("of two hubs one notifies, and the other takes over and resolves the alerts of the first", async () => {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  await fleet.apply(TARGETS);
  const source = await webhook(fleet, receiver.url);
  const first = await fleet.hub("one", { source });
  await eventually(() => first.hub.isNotifier, Boolean);
  const second = await fleet.hub("two", { source });
  const agents = await threeAgents(fleet);
  await Promise.all([untilAll(first, "up"), untilAll(second, "up")]);
  const changeState = (method: "add" | "delete") => agents.forEach(({ prober }) => prober.down[method](TARGET));
  changeState("add");
  await eventually(() => alerts(receiver), (alerts) => alerts.length > 0);
  assertEquals([alerts(receiver), second.hub.isNotifier], [[`firing ${TARGET}`], false]);
  // No hub sends notifications while the target recovers.
  await first.hub[Symbol.asyncDispose]();
  changeState("delete");
  await eventually(() => second.hub.monitor.get(TARGET)?.state, (state) => state === "up");
  await eventually(() => alerts(receiver), (alerts) => alerts.includes(`resolved ${TARGET}`));
  assertEquals(second.hub.isNotifier, true);
  // The takeover may repeat the alert once.
  assert(alerts(receiver).filter((alert) => alert.startsWith("firing")).length <= 2);
  assertEquals(alerts(receiver).at(-1), `resolved ${TARGET}`);
});

natsTest("a hub that starts alone resolves the alerts of earlier hubs", async () => {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  await fleet.apply(TARGETS);
  const source = await webhook(fleet, receiver.url);
  const first = await fleet.hub("one", { source });
  const agents = await threeAgents(fleet);
  await untilAll(first, "up");
  agents.forEach(({ prober }) => prober.down.add(TARGET));
  await eventually(() => alerts(receiver), (alerts) => alerts.length > 0);
  await first.hub[Symbol.asyncDispose]();
  agents.forEach(({ prober }) => prober.down.delete(TARGET));
  await eventually(async () => (await fleet.state()).verdict(TARGET).state, (state) => state === "up");
  const second = await fleet.hub("two", { source });
  await eventually(() => alerts(receiver), (alerts) => alerts.length > 1);
  assertEquals(alerts(receiver), [`firing ${TARGET}`, `resolved ${TARGET}`]);
  assertEquals(second.events.filter(({ type }) => type === "transition"), []);
});

natsTest("a hub whose lease was taken sends nothing, even before its next renewal", async () => {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  await fleet.apply(TARGETS);
  // The hub renews its lease every 15 s, and confirms it before each delivery.
  const { hub, ...rest } = await fleet.hub("one", { source: await webhook(fleet, receiver.url), lease: 60_000 });
  const agents = await threeAgents(fleet);
  await untilAll({ hub, ...rest }, "up");
  await eventually(() => hub.isNotifier, Boolean);
  const { jetstream } = await fleet.jetstream();
  const other = { hub: "two", boot: "0123456789abcdef", lease: 60_000 };
  await jetstream.publish(keySubject(HUBS_BUCKET, NOTIFIER_KEY), encode(other));
  agents.forEach(({ prober }) => prober.down.add(TARGET));
  await eventually(() => hub.isNotifier, (isNotifier) => !isNotifier);
  assertEquals(receiver.posted, []);
});

natsTest("a disconnected hub changes no state, and sends no notification", async () => {
  await using fleet = await TestFleet.start();
  await using receiver = new Receiver();
  const { hub, agents } = await allUp(fleet, { source: await webhook(fleet, receiver.url), lease: 1000 });
  await eventually(() => hub.hub.isNotifier, Boolean);
  await fleet.server.kill();
  await eventually(() => hub.hub.isConnected, (isConnected) => !isConnected);
  agents.forEach(({ prober }) => prober.down.add(TARGET));
  // The notifier's lease expires, and the agents' leases would, too.
  await eventually(() => agents[0].agent.monitor.get(TARGET)?.state, (state) => state === "down");
  await eventually(() => hub.hub.isNotifier, (isNotifier) => !isNotifier);
  const before = hub.events.length;
  await untilAll(hub, "up");
  assertEquals([hub.events.length, receiver.posted.length], [before, 0]);
  const lost = `${fleet.server.place.hostname}:${fleet.server.place.port} closed the connection, or can't be reached`;
  assertEquals(hub.messages[0], `Disconnected from the fleet, and states do not change: ${lost}`);
  await fleet.server.start();
  await eventually(() => alerts(receiver), (alerts) => alerts.includes(`firing ${TARGET}`));
});

natsTest("a hub counts the messages that it ignores: leases, reports and minutes", async () => {
  await using fleet = await TestFleet.start();
  const { hub } = await fleet.hub("one");
  await hub.ready;
  const { jetstream } = await fleet.jetstream();
  const subjects = [keySubject(STATE_BUCKET, "agent.a"), keySubject(STATE_BUCKET, "reports.a.00"), minutesSubject("a")];
  for (const subject of subjects) {
    const counted = () =>
      Number(/^tcp_checker_fleet_malformed_messages_total (\d+)$/m.exec(hub.metrics().join("\n"))![1]);
    const before = counted();
    // Repeated, because a hub reads only the minutes that arrive after its subscription.
    const publish = async () => {
      await jetstream.publish(subject, "nonsense");
      return counted();
    };
    await eventually(publish, (count) => count > before);
  }
});

natsTest("a hub reports an unreadable list, and keeps the previous one", async () => {
  await using fleet = await TestFleet.start();
  const { hub, agents } = await allUp(fleet);
  const { jetstream } = await fleet.jetstream();
  await jetstream.publish(keySubject(LIST_BUCKET, CURRENT_KEY), "nonsense");
  await eventually(() => hub.hub.lists(), ([list]) => list.problem !== undefined);
  assertEquals(hub.messages, [
    "Cannot read the target list: The key current is malformed: The message is not JSON in UTF-8: " +
    "run tcp-checker fleet apply again",
  ]);
  agents.forEach(({ prober }) => prober.down.add(TARGET));
  await eventually(() => hub.hub.monitor.get(TARGET)?.state, (state) => state === "down");
  const digest = await fleet.apply(TARGETS.slice(1));
  await eventually(() => hub.hub.lists(), ([list]) => list.problem === undefined);
  // The label is the same for all lists, because a name per list would begin a new series each time.
  assertEquals(hub.hub.lists().map(({ type, name, targets }) => [type, name, targets]), [[
    "fleet",
    "fleet",
    TARGETS.length - 1,
  ]]);
  assertStringIncludes(hub.hub.metrics().join(""), `tcp_checker_fleet_list_info{digest="${digest}"} 1\n`);
  assertEquals([hub.hub.monitor.get(TARGET), hub.hub.isConnected], [undefined, true]);
});
