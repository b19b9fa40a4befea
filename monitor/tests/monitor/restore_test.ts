/** Restored states. */

import { assertEquals, assertRejects } from "@std/assert";
import { Monitor, type MonitorOptions } from "../../mod.ts";
import { A, B, MonitorWorld } from "../support/monitor_world.ts";

Deno.test("restore emits no events, and one contrary result changes a restored state", async () => {
  const saved = await (async () => {
    await using world = await MonitorWorld.start([A, B]);
    await world.clock.pass(10_000);
    world.monitor.setMaintenance(B, true, { reason: "upgrade" });
    return JSON.parse(JSON.stringify([...world.monitor.states()]));
  })();
  await using world = await MonitorWorld.start([A, B], { restore: saved });
  const [a, b] = world.monitor.states();
  assertEquals([a.since, a.checks, a.state], [saved[0].since, saved[0].checks, "up"]);
  assertEquals([b.state, b.maintenance], ["maintenance", { reason: "upgrade" }]);
  world.findings[A] = "refused";
  await world.clock.pass(2200);
  assertEquals(world.take(), [`transition ${A} up -> down`]);
});

Deno.test("restore ignores the state of another address under the same id", async () => {
  const saved = await (async () => {
    await using world = await MonitorWorld.start([{ target: A, id: "db" }]);
    await world.clock.pass(4000);
    return [...world.monitor.states()];
  })();
  await using world = await MonitorWorld.start([{ target: B, id: "db" }], { restore: saved });
  assertEquals([world.monitor.get("db")!.state, world.monitor.get("db")!.checks], ["unknown", 0]);
});

Deno.test("the maintenance of a restored state without details can be ended", async () => {
  const saved = await (async () => {
    await using world = await MonitorWorld.start([A]);
    world.monitor.setMaintenance(A, true);
    const [{ maintenance: _, ...state }] = world.monitor.states();
    return [state];
  })();
  await using world = await MonitorWorld.start([A], { restore: saved });
  await world.clock.pass(4000);
  assertEquals([world.prober.checked.length, world.monitor.get(A)!.maintenance], [0, {}]);
  world.monitor.setMaintenance(A, false);
  await world.clock.pass(4000);
  assertEquals(world.monitor.get(A)!.state, "up");
});

Deno.test("an invalid restore fails before a checker starts", async () => {
  const restore = [null] as unknown as MonitorOptions["restore"];
  await assertRejects(() => Monitor.start([A], { restore }), TypeError, "null");
});
