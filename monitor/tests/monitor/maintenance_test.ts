/** Maintenance and reports. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Maintenance } from "../../mod.ts";
import { settle } from "../support/held_clock.ts";
import { A, MonitorWorld } from "../support/monitor_world.ts";

Deno.test("invalid arguments of report() and setMaintenance() are errors, and change nothing", async () => {
  await using world = await MonitorWorld.start([A]);
  const { monitor } = world;
  assertThrows(() => monitor.report(A, "no" as unknown as boolean), TypeError, 'ok must be true or false, it is "no"');
  const wrong: [on: unknown, maintenance: unknown, message: string][] = [
    ["yes", {}, 'on must be true or false, it is "yes"'],
    [true, { until: "tomorrow" }, 'until must be a time in ms since 1970, it is "tomorrow"'],
    [true, { until: NaN }, "until must be a time"],
    [true, { unti: 5 }, 'a maintenance has no option "unti": did you mean "until"?'],
    [true, { reason: 3 }, "reason must be a string, it is 3"],
    [true, null, "the maintenance must be an object, it is null"],
  ];
  for (const [on, maintenance, message] of wrong) {
    assertThrows(() => monitor.setMaintenance(A, on as boolean, maintenance as Maintenance), TypeError, message);
  }
  const { state, reports } = monitor.get(A)!;
  assertEquals([state, reports], ["unknown", 0]);
});

Deno.test("maintenance cancels the check in flight, and ends by itself", async () => {
  await using world = await MonitorWorld.start([A]);
  world.findings[A] = undefined;
  await world.clock.pass(2000);
  assertEquals(world.prober.inFlight, 1);
  assert(world.monitor.setMaintenance(A, true, { until: world.clock.date() + 10_000, reason: "upgrade" }));
  await settle();
  assertEquals([world.prober.inFlight, world.prober.cancelled], [0, 1]);
  const [event] = world.events;
  assert(event.type === "maintenance" && event.reason === "upgrade");
  assertEquals(world.take(), [`maintenance ${A} unknown -> maintenance`]);
  await world.clock.pass(9000);
  assertEquals([world.prober.checked.length, world.monitor.get(A)!.maintenance?.reason], [1, "upgrade"]);
  assertEquals(world.monitor.get(A)!.checks, 0);
  world.findings[A] = "up";
  await world.clock.pass(4000);
  assertEquals(world.take(), [`maintenance ${A} maintenance -> unknown`, `transition ${A} unknown -> up`]);
  assertEquals(world.monitor.setMaintenance("nothing", true), false);
});

Deno.test("a target that leaves maintenance at once is checked again, and no two checks are in flight", async () => {
  await using world = await MonitorWorld.start([A]);
  world.findings[A] = undefined;
  await world.clock.pass(2000);
  world.monitor.setMaintenance(A, true);
  world.monitor.setMaintenance(A, false);
  world.findings[A] = "up";
  await world.clock.pass(4000);
  assertEquals([world.prober.most.get(A), world.prober.cancelled, world.monitor.get(A)!.state], [1, 1, "up"]);
});

Deno.test("ten failed reports are one failed check, and hasten the next one", async () => {
  await using world = await MonitorWorld.start([A], { interval: 60_000, fastInterval: 1000, fall: 2 });
  await world.clock.pass(70_000);
  const before = world.prober.checked.length;
  for (let i = 0; i < 10; i++) assert(world.monitor.report(A, false));
  assertEquals(world.monitor.get(A)!.turning, { count: 1, of: 2 });
  world.findings[A] = "refused";
  await world.clock.pass(1100);
  assertEquals(world.prober.checked.length, before + 1);
  const { state, reports, checks } = world.monitor.get(A)!;
  assertEquals([state, reports, checks], ["down", 10, before + 1]);
});

Deno.test("maintenance and labels are copied", async () => {
  const labels = { team: "core" };
  await using world = await MonitorWorld.start([{ target: A, labels }]);
  const given = { reason: "upgrade" };
  world.monitor.setMaintenance(A, true, given);
  given.reason = "changed";
  labels.team = "edge";
  await settle();
  assertEquals(world.take(), [`maintenance ${A} unknown -> maintenance`]);
  const state = world.monitor.get(A)!;
  assertEquals([state.maintenance, state.labels], [{ reason: "upgrade" }, { team: "core" }]);
  // All readers receive the same copy.
  assertThrows(() => (state.labels as Record<string, string>).team = "edge", TypeError);
  world.monitor.set([{ target: A, labels }]);
  assertEquals(world.monitor.get(A)!.labels, { team: "edge" });
});
