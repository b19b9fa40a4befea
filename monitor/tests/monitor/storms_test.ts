/** Storms, and trouble of this host. */

import { assert, assertEquals } from "@std/assert";
import { CheckerNotRunningError } from "@tcp-shaker/tcp-shaker";
import { A, B, MonitorWorld } from "../support/monitor_world.ts";

Deno.test("neutral results cause no transition, and trouble names the cause", async () => {
  const targets = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await MonitorWorld.start(targets);
  await world.clock.pass(4000);
  world.take();
  for (const target of targets) world.findings[target] = "local-error";
  await world.clock.pass(20_000);
  assertEquals(world.take(), ["trouble all true"]);
  assert([...world.monitor.states()].every(({ state, neutral }) => state === "up" && neutral > 5));
  for (const target of targets) world.findings[target] = "up";
  await world.clock.pass(20_000);
  assertEquals(world.take(), ["trouble all false"]);
});

Deno.test("a mass outage is one storm, and every target has an event", async () => {
  const targets = Array.from({ length: 100 }, (_, i) => ({ target: `192.0.2.${i}:1`, group: i < 50 ? "a" : "b" }));
  await using world = await MonitorWorld.start(targets);
  await world.clock.pass(4000);
  world.take();
  for (const { target, group } of targets) if (group === "a") world.findings[target] = "refused";
  await world.clock.pass(30_000);
  const events = world.take();
  assertEquals(events.filter((event) => event.startsWith("transition")).length, 50);
  assertEquals(
    events.filter((event) => event.startsWith("storm")),
    [
      "storm a true",
      "storm all true",
      "storm all false",
      "storm a false",
    ].sort((one, other) => events.indexOf(one) - events.indexOf(other)),
  );
});

Deno.test("first verdicts are no storm, although most targets are down", async () => {
  const targets = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await MonitorWorld.start(targets.slice(0, 8));
  for (const target of targets) world.findings[target] = "refused";
  world.monitor.set(targets);
  await world.clock.pass(10_000);
  const events = world.take();
  assertEquals(events.filter((event) => event.endsWith("unknown -> down")).length, 20);
  assertEquals(events.filter((event) => event.startsWith("storm")), []);
});

Deno.test("trouble is detected among targets with long intervals", async () => {
  const targets = Array.from({ length: 10 }, (_, i) => ({ target: `192.0.2.${i}:1`, interval: 60_000 }));
  await using world = await MonitorWorld.start(targets, { interval: 1000 });
  for (const { target } of targets) world.findings[target] = "local-error";
  await world.clock.pass(120_000);
  const [event, ...others] = world.events;
  assert(event.type === "trouble" && event.active && event.reason === "EMFILE", JSON.stringify(event));
  assertEquals(others, []);
});

Deno.test("one target with a long interval does not delay the detection of trouble", async () => {
  const targets = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await MonitorWorld.start([...targets, { target: "192.0.2.99:1", interval: 3_600_000 }], {
    interval: 1000,
  });
  await world.clock.pass(60_000);
  world.take();
  for (const target of targets) world.findings[target] = "local-error";
  await world.clock.pass(3000);
  assertEquals(world.take(), ["trouble all true"]);
});

Deno.test("trouble names the error by which the checker ended", async () => {
  await using world = await MonitorWorld.start([A]);
  const cause = new Error("Cannot run the native engine: EBADF");
  world.findings[A] = new CheckerNotRunningError({ cause });
  await world.clock.pass(20_000);
  const [event] = world.events;
  assert(event.type === "trouble" && event.reason === cause.message, JSON.stringify(event));
});

Deno.test("a storm ends with the last target of its group, once", async () => {
  const group = Array.from({ length: 10 }, (_, i) => ({ target: `192.0.2.${i}:1`, group: "a" }));
  await using world = await MonitorWorld.start([...group, B + "0"], { fall: 1, storm: { share: 0.9 } });
  await world.clock.pass(4000);
  for (const { target } of group) world.findings[target] = "refused";
  await world.clock.pass(2200);
  world.take();
  world.monitor.set([B + "0"]);
  await world.clock.pass(1000);
  const storms = world.take().filter((event) => event.startsWith("storm a "));
  await world.clock.pass(60_000);
  assertEquals([storms, world.take().filter((event) => event.startsWith("storm a "))], [["storm a false"], []]);
});

Deno.test("set() with the same target does not end its group's storm", async () => {
  const targets = [{ target: A, group: "a" }];
  await using world = await MonitorWorld.start(targets, { fall: 1, storm: { minimum: 1 } });
  await world.clock.pass(4000);
  world.findings[A] = "refused";
  await world.clock.pass(2200);
  assert(world.take().includes("storm a true"));
  world.monitor.set(targets);
  await world.clock.pass(60_000);
  assertEquals(world.take().filter((event) => event.startsWith("storm a ")), ["storm a false"]);
});
