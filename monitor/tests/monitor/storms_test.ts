/** Storms, and trouble of this host. */

import { assert, assertEquals } from "@std/assert";
import { CheckerNotRunningError } from "@tcp-shaker/tcp-shaker";
import { A, B, MonitorFixture } from "../support/monitor_fixture.ts";

Deno.test("neutral results cause no transition, and trouble names the cause", async () => {
  const targets = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`);
  await using fixture = await MonitorFixture.start(targets);
  await fixture.clock.pass(4000);
  fixture.take();
  for (const target of targets) fixture.findings[target] = "local-error";
  await fixture.clock.pass(20_000);
  assertEquals(fixture.take(), ["trouble all true"]);
  assert([...fixture.monitor.states()].every(({ state, neutral }) => state === "up" && neutral > 5));
  for (const target of targets) fixture.findings[target] = "up";
  await fixture.clock.pass(20_000);
  assertEquals(fixture.take(), ["trouble all false"]);
});

Deno.test("a mass outage is one storm, and every target has an event", async () => {
  const targets = Array.from({ length: 100 }, (_, i) => ({ target: `192.0.2.${i}:1`, group: i < 50 ? "a" : "b" }));
  await using fixture = await MonitorFixture.start(targets);
  await fixture.clock.pass(4000);
  fixture.take();
  for (const { target, group } of targets) if (group === "a") fixture.findings[target] = "refused";
  await fixture.clock.pass(30_000);
  const events = fixture.take();
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
  await using fixture = await MonitorFixture.start(targets.slice(0, 8));
  for (const target of targets) fixture.findings[target] = "refused";
  fixture.monitor.set(targets);
  await fixture.clock.pass(10_000);
  const events = fixture.take();
  assertEquals(events.filter((event) => event.endsWith("unknown -> down")).length, 20);
  assertEquals(events.filter((event) => event.startsWith("storm")), []);
});

Deno.test("trouble is detected among targets with long intervals", async () => {
  const targets = Array.from({ length: 10 }, (_, i) => ({ target: `192.0.2.${i}:1`, interval: 60_000 }));
  await using fixture = await MonitorFixture.start(targets, { interval: 1000 });
  for (const { target } of targets) fixture.findings[target] = "local-error";
  await fixture.clock.pass(120_000);
  const [event, ...others] = fixture.events;
  assert(event.type === "trouble" && event.active && event.reason === "EMFILE", JSON.stringify(event));
  assertEquals(others, []);
});

Deno.test("one target with a long interval does not delay the detection of trouble", async () => {
  const targets = Array.from({ length: 20 }, (_, i) => `192.0.2.${i}:1`);
  await using fixture = await MonitorFixture.start([...targets, { target: "192.0.2.99:1", interval: 3_600_000 }], {
    interval: 1000,
  });
  await fixture.clock.pass(60_000);
  fixture.take();
  for (const target of targets) fixture.findings[target] = "local-error";
  await fixture.clock.pass(3000);
  assertEquals(fixture.take(), ["trouble all true"]);
});

Deno.test("trouble names the error by which the checker ended", async () => {
  await using fixture = await MonitorFixture.start([A]);
  const cause = new Error("Cannot run the native engine: EBADF");
  fixture.findings[A] = new CheckerNotRunningError({ cause });
  await fixture.clock.pass(20_000);
  const [event] = fixture.events;
  assert(event.type === "trouble" && event.reason === cause.message, JSON.stringify(event));
});

Deno.test("a storm ends with the last target of its group, once", async () => {
  const group = Array.from({ length: 10 }, (_, i) => ({ target: `192.0.2.${i}:1`, group: "a" }));
  await using fixture = await MonitorFixture.start([...group, B + "0"], { fall: 1, storm: { share: 0.9 } });
  await fixture.clock.pass(4000);
  for (const { target } of group) fixture.findings[target] = "refused";
  await fixture.clock.pass(2200);
  fixture.take();
  fixture.monitor.set([B + "0"]);
  await fixture.clock.pass(1000);
  const storms = fixture.take().filter((event) => event.startsWith("storm a "));
  await fixture.clock.pass(60_000);
  assertEquals([storms, fixture.take().filter((event) => event.startsWith("storm a "))], [["storm a false"], []]);
});

Deno.test("set() with the same target does not end its group's storm", async () => {
  const targets = [{ target: A, group: "a" }];
  await using fixture = await MonitorFixture.start(targets, { fall: 1, storm: { minimum: 1 } });
  await fixture.clock.pass(4000);
  fixture.findings[A] = "refused";
  await fixture.clock.pass(2200);
  assert(fixture.take().includes("storm a true"));
  fixture.monitor.set(targets);
  await fixture.clock.pass(60_000);
  assertEquals(fixture.take().filter((event) => event.startsWith("storm a ")), ["storm a false"]);
});
