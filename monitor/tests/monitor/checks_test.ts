/** Checks of a monitor, and the verdicts that they lead to. */

import { assert, assertEquals } from "@std/assert";
import { settle } from "../support/held_clock.ts";
import { A, MonitorFixture } from "../support/monitor_fixture.ts";

Deno.test("a target is up after one pass, down after three failures, and up again after two passes", async () => {
  await using fixture = await MonitorFixture.start([A]);
  await fixture.clock.pass(4000);
  assertEquals(fixture.take(), [`transition ${A} unknown -> up`]);
  fixture.findings[A] = "refused";
  await fixture.clock.pass(4300);
  assertEquals(fixture.take(), []);
  assertEquals(fixture.monitor.get(A)!.turning, { count: 2, of: 3 });
  await fixture.clock.pass(2100);
  const [down] = fixture.events;
  assertEquals(fixture.take(), [`transition ${A} up -> down`]);
  assert(down.type === "transition" && down.result?.status === "refused" && down.count === 3 && down.of === 3);
  assertEquals([down.at, down.sequence], [fixture.monitor.get(A)!.since, 2]);
  fixture.findings[A] = "up";
  await fixture.clock.pass(4300);
  assertEquals(fixture.take(), [`transition ${A} down -> up`]);
});

Deno.test("the end of the checker changes no state", async () => {
  await using fixture = await MonitorFixture.start([A]);
  await fixture.clock.pass(4000);
  fixture.take();
  fixture.findings[A] = new Error("not running");
  await fixture.clock.pass(30_000);
  assertEquals([fixture.monitor.get(A)!.state, fixture.take()], ["up", ["trouble all true"]]);
});

Deno.test("a target has at most one check in flight, however long it takes", async () => {
  await using fixture = await MonitorFixture.start([A], { interval: 100, timeout: 100 });
  fixture.findings[A] = undefined;
  await fixture.clock.pass(1000);
  assertEquals([fixture.prober.checked, fixture.prober.inFlight], [[A], 1]);
  fixture.findings[A] = "up";
  fixture.prober.release();
  await fixture.clock.pass(1000);
  assert(fixture.prober.checked.length > 5, String(fixture.prober.checked.length));
  assertEquals(fixture.prober.most.get(A), 1);
});

Deno.test("since and at follow steps of the wall clock, durations do not", async () => {
  await using fixture = await MonitorFixture.start([A]);
  await fixture.clock.pass(4000);
  fixture.clock.dateOffset -= 3_600_000;
  fixture.findings[A] = "refused";
  await fixture.clock.pass(8000);
  const event = fixture.events.at(-1)!;
  assert(event.type === "transition" && event.to === "down" && event.duration > 0 && event.duration < 12_000);
});

Deno.test("batches skip no check of a short interval", async () => {
  const targets = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}:1`);
  await using fixture = await MonitorFixture.start(targets, { interval: 10, timeout: 10 });
  await fixture.clock.pass(2000);
  assertEquals(fixture.monitor.statistics().skipped, 0);
  assert(fixture.prober.checked.length > 100 * 190, `${fixture.prober.checked.length} checks`);
});

Deno.test("a machine that resumes from suspend starts no burst of checks, and has no transition", async () => {
  const targets = Array.from({ length: 50 }, (_, i) => `192.0.2.${i}:1`);
  await using fixture = await MonitorFixture.start(targets);
  await fixture.clock.pass(10_000);
  fixture.take();
  const before = fixture.prober.checked.length;
  await fixture.clock.sleep(600_000);
  assert(fixture.prober.checked.length - before <= targets.length);
  await fixture.clock.pass(10_000);
  assert([...fixture.monitor.states()].every(({ state }) => state === "up"));
});

Deno.test("a state becomes stale while a check is in flight", async () => {
  await using fixture = await MonitorFixture.start([A]);
  await fixture.clock.pass(4000);
  fixture.take();
  fixture.findings[A] = undefined;
  await fixture.clock.pass(75_000);
  assertEquals([fixture.take(), fixture.monitor.get(A)!.state], [[`transition ${A} up -> unknown`], "unknown"]);
  assertEquals(fixture.prober.inFlight, 1);
});

Deno.test("a target that is down stays down between rare checks", async () => {
  await using fixture = await MonitorFixture.start([A], { initial: "fully-down", downInterval: 120_000 });
  fixture.findings[A] = "refused";
  await fixture.clock.pass(1_000_000);
  assertEquals(fixture.take(), []);
  assertEquals(fixture.monitor.get(A)!.state, "down");
});

Deno.test("a check is judged by the timeout at its start, although set() has shortened it", async () => {
  await using fixture = await MonitorFixture.start([{ target: A, timeout: 1000, fall: 1 }]);
  await fixture.clock.pass(4000);
  fixture.findings[A] = undefined;
  await fixture.clock.pass(2100);
  fixture.monitor.set([{ target: A, timeout: 100, fall: 1 }]);
  fixture.findings[A] = "timeout";
  fixture.prober.release();
  await settle();
  assertEquals([fixture.monitor.get(A)!.state, fixture.monitor.get(A)!.neutral], ["down", 0]);
});
