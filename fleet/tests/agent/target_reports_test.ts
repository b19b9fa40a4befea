/** Reports of an agent on its targets, by a held clock. */

import { assertEquals } from "@std/assert";
import type { TargetState } from "@tcp-shaker/monitor";
import { HeldClock } from "../../../monitor/tests/support/held_clock.ts";
import { listed } from "../../lib/list/target_line.ts";
import { TargetReports } from "../../lib/agent/target_reports.ts";

const ID = "192.0.2.1:80";
const INCARNATION = { boot: "0123456789abcdef", epoch: 1 };

Deno.test("reports on a target that never changes are published again each day", async () => {
  const clock = new HeldClock();
  const state = { id: ID, state: "up", since: 1 } as TargetState;
  const reports = new TargetReports(() => state, clock);
  const taken = () => reports.takeBatches(16, INCARNATION).map(({ data }) => new TextDecoder().decode(data));
  reports.setTargets([{ target: listed(ID), thresholds: { rise: 2, fall: 3 } }]);
  for (let check = 0; check < 2; check++) reports.checked(ID, "pass");
  assertEquals(taken(), []);
  await clock.pass(2000);
  const [first] = taken();
  assertEquals(JSON.parse(first).reports, [[ID, "up", 1, 0, 2, null]]);
  for (let day = 0; day < 3; day++) {
    await clock.pass(86_399_000);
    assertEquals(taken(), []);
    await clock.pass(1000);
    taken();
    await clock.pass(2000);
    assertEquals(taken(), [first]);
  }
});
