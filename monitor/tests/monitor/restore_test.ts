/** Restored states. */

import { assertEquals, assertRejects } from "@std/assert";
import { Monitor, type MonitorOptions } from "../../mod.ts";
import { A, B, MonitorFixture } from "../support/monitor_fixture.ts";

Deno.test("restore emits no events, and one contrary result changes a restored state", async () => {
  const saved = await (async () => {
    await using fixture = await MonitorFixture.start([A, B]);
    await fixture.clock.pass(10_000);
    fixture.monitor.setMaintenance(B, true, { reason: "upgrade" });
    return JSON.parse(JSON.stringify([...fixture.monitor.states()]));
  })();
  await using fixture = await MonitorFixture.start([A, B], { restore: saved });
  const [a, b] = fixture.monitor.states();
  assertEquals([a.since, a.checks, a.state], [saved[0].since, saved[0].checks, "up"]);
  assertEquals([b.state, b.maintenance], ["maintenance", { reason: "upgrade" }]);
  fixture.findings[A] = "refused";
  await fixture.clock.pass(2200);
  assertEquals(fixture.take(), [`transition ${A} up -> down`]);
});

Deno.test("restore ignores the state of another address under the same id", async () => {
  const saved = await (async () => {
    await using fixture = await MonitorFixture.start([{ target: A, id: "db" }]);
    await fixture.clock.pass(4000);
    return [...fixture.monitor.states()];
  })();
  await using fixture = await MonitorFixture.start([{ target: B, id: "db" }], { restore: saved });
  assertEquals([fixture.monitor.get("db")!.state, fixture.monitor.get("db")!.checks], ["unknown", 0]);
});

Deno.test("the maintenance of a restored state without details can be ended", async () => {
  const saved = await (async () => {
    await using fixture = await MonitorFixture.start([A]);
    fixture.monitor.setMaintenance(A, true);
    const [{ maintenance: _, ...state }] = fixture.monitor.states();
    return [state];
  })();
  await using fixture = await MonitorFixture.start([A], { restore: saved });
  await fixture.clock.pass(4000);
  assertEquals([fixture.prober.checked.length, fixture.monitor.get(A)!.maintenance], [0, {}]);
  fixture.monitor.setMaintenance(A, false);
  await fixture.clock.pass(4000);
  assertEquals(fixture.monitor.get(A)!.state, "up");
});

Deno.test("an invalid restore fails before a checker starts", async () => {
  const restore = [null] as unknown as MonitorOptions["restore"];
  await assertRejects(() => Monitor.start([A], { restore }), TypeError, "null");
});
