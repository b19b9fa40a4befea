/** Maintenance and reports. */

import { assert, assertEquals, assertThrows } from "@std/assert";
import type { Maintenance } from "../../mod.ts";
import { settle } from "../support/held_clock.ts";
import { A, MonitorFixture } from "../support/monitor_fixture.ts";

Deno.test("invalid arguments of report() and setMaintenance() are errors, and change nothing", async () => {
  await using fixture = await MonitorFixture.start([A]);
  const { monitor } = fixture;
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
  await using fixture = await MonitorFixture.start([A]);
  fixture.findings[A] = undefined;
  await fixture.clock.pass(2000);
  assertEquals(fixture.prober.inFlight, 1);
  assert(fixture.monitor.setMaintenance(A, true, { until: fixture.clock.date() + 10_000, reason: "upgrade" }));
  await settle();
  assertEquals([fixture.prober.inFlight, fixture.prober.cancelled], [0, 1]);
  const [event] = fixture.events;
  assert(event.type === "maintenance" && event.reason === "upgrade");
  assertEquals(fixture.take(), [`maintenance ${A} unknown -> maintenance`]);
  await fixture.clock.pass(9000);
  assertEquals([fixture.prober.checked.length, fixture.monitor.get(A)!.maintenance?.reason], [1, "upgrade"]);
  assertEquals(fixture.monitor.get(A)!.checks, 0);
  fixture.findings[A] = "up";
  await fixture.clock.pass(4000);
  assertEquals(fixture.take(), [`maintenance ${A} maintenance -> unknown`, `transition ${A} unknown -> up`]);
  assertEquals(fixture.monitor.setMaintenance("nothing", true), false);
});

Deno.test("a target that leaves maintenance at once is checked again, and no two checks are in flight", async () => {
  await using fixture = await MonitorFixture.start([A]);
  fixture.findings[A] = undefined;
  await fixture.clock.pass(2000);
  fixture.monitor.setMaintenance(A, true);
  fixture.monitor.setMaintenance(A, false);
  fixture.findings[A] = "up";
  await fixture.clock.pass(4000);
  assertEquals([fixture.prober.most.get(A), fixture.prober.cancelled, fixture.monitor.get(A)!.state], [1, 1, "up"]);
});

Deno.test("ten failed reports are one failed check, and hasten the next one", async () => {
  await using fixture = await MonitorFixture.start([A], { interval: 60_000, fastInterval: 1000, fall: 2 });
  await fixture.clock.pass(70_000);
  const before = fixture.prober.checked.length;
  for (let i = 0; i < 10; i++) assert(fixture.monitor.report(A, false));
  assertEquals(fixture.monitor.get(A)!.turning, { count: 1, of: 2 });
  fixture.findings[A] = "refused";
  await fixture.clock.pass(1100);
  assertEquals(fixture.prober.checked.length, before + 1);
  const { state, reports, checks } = fixture.monitor.get(A)!;
  assertEquals([state, reports, checks], ["down", 10, before + 1]);
});

Deno.test("maintenance and labels are copied", async () => {
  const labels = { team: "core" };
  await using fixture = await MonitorFixture.start([{ target: A, labels }]);
  const given = { reason: "upgrade" };
  fixture.monitor.setMaintenance(A, true, given);
  given.reason = "changed";
  labels.team = "edge";
  await settle();
  assertEquals(fixture.take(), [`maintenance ${A} unknown -> maintenance`]);
  const state = fixture.monitor.get(A)!;
  assertEquals([state.maintenance, state.labels], [{ reason: "upgrade" }, { team: "core" }]);
  // All readers receive the same copy.
  assertThrows(() => (state.labels as Record<string, string>).team = "edge", TypeError);
  fixture.monitor.set([{ target: A, labels }]);
  assertEquals(fixture.monitor.get(A)!.labels, { team: "edge" });
});
