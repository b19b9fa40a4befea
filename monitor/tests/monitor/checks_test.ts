/** Checks of a monitor, and the verdicts that they lead to. */

import { assert, assertEquals } from "@std/assert";
import { settle } from "../support/held_clock.ts";
import { A, MonitorWorld } from "../support/monitor_world.ts";

Deno.test("a target is up after one pass, down after three failures, and up again after two passes", async () => {
  await using world = await MonitorWorld.start([A]);
  await world.clock.pass(4000);
  assertEquals(world.take(), [`transition ${A} unknown -> up`]);
  world.findings[A] = "refused";
  await world.clock.pass(4300);
  assertEquals(world.take(), []);
  assertEquals(world.monitor.get(A)!.turning, { count: 2, of: 3 });
  await world.clock.pass(2100);
  const [down] = world.events;
  assertEquals(world.take(), [`transition ${A} up -> down`]);
  assert(down.type === "transition" && down.result?.status === "refused" && down.count === 3 && down.of === 3);
  assertEquals([down.at, down.sequence], [world.monitor.get(A)!.since, 2]);
  world.findings[A] = "up";
  await world.clock.pass(4300);
  assertEquals(world.take(), [`transition ${A} down -> up`]);
});

Deno.test("the end of the checker changes no state", async () => {
  await using world = await MonitorWorld.start([A]);
  await world.clock.pass(4000);
  world.take();
  world.findings[A] = new Error("not running");
  await world.clock.pass(30_000);
  assertEquals([world.monitor.get(A)!.state, world.take()], ["up", ["trouble all true"]]);
});

Deno.test("a target has at most one check in flight, however long it takes", async () => {
  await using world = await MonitorWorld.start([A], { interval: 100, timeout: 100 });
  world.findings[A] = undefined;
  await world.clock.pass(1000);
  assertEquals([world.prober.checked, world.prober.inFlight], [[A], 1]);
  world.findings[A] = "up";
  world.prober.release();
  await world.clock.pass(1000);
  assert(world.prober.checked.length > 5, String(world.prober.checked.length));
  assertEquals(world.prober.most.get(A), 1);
});

Deno.test("since and at follow steps of the wall clock, durations do not", async () => {
  await using world = await MonitorWorld.start([A]);
  await world.clock.pass(4000);
  world.clock.dateOffset -= 3_600_000;
  world.findings[A] = "refused";
  await world.clock.pass(8000);
  const event = world.events.at(-1)!;
  assert(event.type === "transition" && event.to === "down" && event.duration > 0 && event.duration < 12_000);
});

Deno.test("batches skip no check of a short interval", async () => {
  const targets = Array.from({ length: 100 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await MonitorWorld.start(targets, { interval: 10, timeout: 10 });
  await world.clock.pass(2000);
  assertEquals(world.monitor.statistics().skipped, 0);
  assert(world.prober.checked.length > 100 * 190, `${world.prober.checked.length} checks`);
});

Deno.test("a machine that resumes from suspend starts no burst of checks, and has no transition", async () => {
  const targets = Array.from({ length: 50 }, (_, i) => `192.0.2.${i}:1`);
  await using world = await MonitorWorld.start(targets);
  await world.clock.pass(10_000);
  world.take();
  const before = world.prober.checked.length;
  await world.clock.sleep(600_000);
  assert(world.prober.checked.length - before <= targets.length);
  await world.clock.pass(10_000);
  assert([...world.monitor.states()].every(({ state }) => state === "up"));
});

Deno.test("a state becomes stale while a check is in flight", async () => {
  await using world = await MonitorWorld.start([A]);
  await world.clock.pass(4000);
  world.take();
  world.findings[A] = undefined;
  await world.clock.pass(75_000);
  assertEquals([world.take(), world.monitor.get(A)!.state], [[`transition ${A} up -> unknown`], "unknown"]);
  assertEquals(world.prober.inFlight, 1);
});

Deno.test("a target that is down stays down between rare checks", async () => {
  await using world = await MonitorWorld.start([A], { initial: "fully-down", downInterval: 120_000 });
  world.findings[A] = "refused";
  await world.clock.pass(1_000_000);
  assertEquals(world.take(), []);
  assertEquals(world.monitor.get(A)!.state, "down");
});

Deno.test("a check is judged by the timeout at its start, although set() has shortened it", async () => {
  await using world = await MonitorWorld.start([{ target: A, timeout: 1000, fall: 1 }]);
  await world.clock.pass(4000);
  world.findings[A] = undefined;
  await world.clock.pass(2100);
  world.monitor.set([{ target: A, timeout: 100, fall: 1 }]);
  world.findings[A] = "timeout";
  world.prober.release();
  await settle();
  assertEquals([world.monitor.get(A)!.state, world.monitor.get(A)!.neutral], ["down", 0]);
});
