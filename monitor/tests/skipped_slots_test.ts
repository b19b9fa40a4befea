/** Late checks, and slots that are skipped. */

import { assert, assertEquals } from "@std/assert";
import { PeriodicSlots } from "../lib/phase.ts";
import { chiSquared, gaps, histogram, Simulation, UNLIKELY } from "./support/simulation.ts";
import { INTERVAL, INTERVALS, items, schedule, SPREAD, START, steady } from "./support/test_schedule.ts";

Deno.test("after a short stall each missed check starts once", () => {
  const { schedule: it, slots } = schedule(1000);
  const now = START + 400;
  const due = slots.filter((scheduled) => it.due(scheduled) <= now);
  assert(due.length > 150);
  assertEquals(new Set(items(it.begin(now))), new Set(items(due)));
  assertEquals(it.skipped, 0);
});

Deno.test("a check may begin half a second late, or half its interval; a later one is skipped", () => {
  for (const [interval, latest] of [[200, 100], [10_000, 500]]) {
    const { schedule: it, slots } = schedule(1000, { interval, fastInterval: interval, downInterval: interval });
    const now = START + interval * 0.75;
    const due = slots.filter((scheduled) => it.due(scheduled) <= now);
    const inTime = due.filter((scheduled) => now - it.due(scheduled) <= latest);
    assert(inTime.length > 0 && inTime.length < due.length);
    assertEquals(items(it.begin(now)).length, inTime.length);
    assertEquals(it.skipped, due.length - inTime.length);
  }
});

for (const [what, jump] of [["jumps", 10.3 * INTERVAL], ["has slept a night", 8 * 3600_000]] as const) {
  Deno.test(`after a clock ${what}, checks start without a burst, and each missed slot is counted`, () => {
    const { schedule: it, slots } = schedule(10_000);
    const now = START + jump;
    const missed = slots.map((scheduled) => {
      const grid = new PeriodicSlots(scheduled.hash, INTERVAL, SPREAD);
      return grid.after(now) - grid.after(START);
    });
    assertEquals(it.begin(now).length, 0);
    assertEquals(it.skipped, missed.reduce((a, b) => a + b));
    const simulation = new Simulation(it, steady);
    simulation.run(now, now + 3 * INTERVAL);
    for (let i = 0; i < 3; i++) {
      const from = now + i * INTERVAL;
      const counts = histogram(simulation.begun.map(({ at }) => at), from, from + INTERVAL, 100);
      assert(chiSquared(counts) < UNLIKELY, `${counts}`);
    }
    assertEquals(it.skipped, missed.reduce((a, b) => a + b));
  });
}

Deno.test("slots during a check of a steady target are skipped and counted", () => {
  const { schedule: it, slots: [scheduled] } = schedule(1);
  const [begun] = it.begin(it.due(scheduled));
  const due = it.due(begun);
  const grid = new PeriodicSlots(scheduled.hash, INTERVAL, SPREAD);
  it.end(scheduled, "interval", due + 2.6 * INTERVAL);
  assertEquals(it.due(scheduled), grid.at(grid.after(due) + 2));
  assertEquals(it.skipped, 2);
});

Deno.test("a check that takes longer than downInterval is followed by a check in the next slot, and no slot is skipped", () => {
  const { schedule: it } = schedule(20, { interval: 2000, fastInterval: 2000, downInterval: 300 }, "downInterval");
  const simulation = new Simulation(it, { duration: () => 1000, intervalKind: () => "downInterval" });
  simulation.run(START, START + 60_000);
  const between = gaps(simulation.begun);
  assert(Math.min(...between) >= 1000 && Math.max(...between) <= 1000 + 300 * (1 + SPREAD));
  assertEquals(it.skipped, 0);
});

Deno.test("a hastened check that is too late is one skipped slot, and does not move the next slot", () => {
  const { schedule: it, slots: [scheduled] } = schedule(1, {
    interval: 10_000,
    fastInterval: 100,
    downInterval: 10_000,
  });
  const due = it.due(scheduled);
  it.begin(due);
  it.end(scheduled, "interval", due + 1);
  const next = it.due(scheduled);
  it.hasten(scheduled, next - 1000);
  assertEquals(items(it.begin(next - 300)), []);
  assertEquals(it.skipped, 1);
  assertEquals(it.due(scheduled), next);
});

Deno.test("slots do not count as skipped while another interval applies", () => {
  for (const [before, after] of [["fastInterval", "interval"], ["interval", "downInterval"]] as const) {
    const { schedule: it, slots: [scheduled] } = schedule(1, INTERVALS, before);
    const due = it.due(scheduled);
    it.begin(due);
    it.end(scheduled, after, due + 3 * INTERVAL);
    assertEquals(it.skipped, 0);
  }
});
