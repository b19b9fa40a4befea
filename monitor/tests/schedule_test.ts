/** When targets are checked, by a manual clock. */

import { assert, assertEquals } from "@std/assert";
import { PeriodicSlots } from "../lib/phase.ts";
import { Schedule, ScheduledTarget } from "../lib/schedule.ts";
import { Random } from "./support/random.ts";
import { type Checks, gaps, Simulation } from "./support/simulation.ts";
import { INTERVAL, INTERVALS, items, schedule, SPREAD, START, steady } from "./support/test_schedule.ts";

Deno.test("each target is checked once per interval, give or take the spread", () => {
  const { schedule: it } = schedule(500);
  const simulation = new Simulation(it, steady);
  simulation.run(START, START + 50 * INTERVAL);
  const between = gaps(simulation.begun);
  assert(Math.min(...between) >= INTERVAL * (1 - SPREAD) - 1e-6);
  assert(Math.max(...between) <= INTERVAL * (1 + SPREAD) + 1e-6);
  assert(Math.abs(between.length / 500 - 49) <= 1, `${between.length} gaps`);
  assertEquals(it.skipped, 0);
});

Deno.test("checks use the whole spread, and keep the mean interval", () => {
  const { schedule: it } = schedule(1);
  const simulation = new Simulation(it, steady);
  simulation.run(START, START + 2000 * INTERVAL);
  const between = gaps(simulation.begun);
  const mean = between.reduce((a, b) => a + b) / between.length;
  assert(Math.abs(mean / INTERVAL - 1) < 1e-4, `${mean}`);
  assert(Math.max(...between) > INTERVAL * (1 + SPREAD / 2) && Math.min(...between) < INTERVAL * (1 - SPREAD / 2));
});

Deno.test("a stopped clock starts no check twice", () => {
  const { schedule: it } = schedule(1000);
  const now = START + 300;
  const begun = it.begin(now);
  assert(begun.length > 100);
  for (let i = 0; i < 10; i++) assertEquals(items(it.begin(now)), []);
  for (const scheduled of begun) it.end(scheduled, "interval", now);
  assertEquals(items(it.begin(now)), []);
});

Deno.test("no target has two checks in flight, however long they take, and however they are hastened", () => {
  const random = new Random(7);
  const inFlight = new Map<number, number>();
  const { schedule: it, slots } = schedule(50, { interval: 500, fastInterval: 70, downInterval: 30 });
  const checks: Checks<number> = {
    duration: (item, at) => {
      assert((inFlight.get(item) ?? 0) <= at, `${item} is checked twice at ${at}`);
      const duration = random.pick([0, 1, 30, 200, 700, 2000]) * random.share();
      inFlight.set(item, at + duration);
      return duration;
    },
    intervalKind: () => random.pick(["interval", "fastInterval", "downInterval"]),
  };
  const simulation = new Simulation(it, checks);
  for (let now = START; now < START + 60_000; now += 50) {
    it.hasten(random.pick(slots), now);
    simulation.run(now, now + 50);
  }
  assert(simulation.begun.length > 5000);
});

Deno.test("checks are as far apart as the applicable interval", () => {
  const intervals = { interval: 3000, fastInterval: 500, downInterval: 5000 };
  for (const intervalKind of ["interval", "fastInterval", "downInterval"] as const) {
    const { schedule: it } = schedule(20, intervals, intervalKind);
    const simulation = new Simulation(it, { duration: () => 1, intervalKind: () => intervalKind });
    simulation.run(START, START + 100_000);
    const between = gaps(simulation.begun);
    assert(Math.min(...between) >= intervals[intervalKind] * (1 - SPREAD) - 1e-6, intervalKind);
    assert(Math.max(...between) <= intervals[intervalKind] * (1 + SPREAD) + 1e-6, intervalKind);
    assert(
      Math.max(...between) - Math.min(...between) > intervals[intervalKind] * SPREAD,
      `${intervalKind}: the spread is not used`,
    );
    assert(Math.abs(it.demand - 20 * 1000 / intervals[intervalKind]) < 1e-6);
  }
});

Deno.test("with fastInterval a check begins when the previous one ends, if that took longer", () => {
  const { schedule: it } = schedule(20, { interval: 2000, fastInterval: 200, downInterval: 2000 }, "fastInterval");
  const simulation = new Simulation(it, { duration: () => 1000, intervalKind: () => "fastInterval" });
  simulation.run(START, START + 60_000);
  assertEquals(new Set(gaps(simulation.begun).map((gap) => Math.round(gap * 1000) / 1000)), new Set([1000]));
  assertEquals(it.skipped, 0);
});

Deno.test("a silent target is down within the time in the docs", () => {
  const random = new Random(3);
  let worst = 0;
  for (let run = 0; run < 600; run++) {
    const interval = random.integer(100, 5000);
    const fastInterval = random.integer(20, interval);
    const timeout = random.integer(10, interval);
    const fall = random.integer(1, 5);
    const it = new Schedule<number>({ seed: run, spread: SPREAD }, START);
    it.add(new ScheduledTarget(0, { interval, fastInterval, downInterval: interval }, "interval"), "db", START);
    const silentFrom = START + 2 * interval + random.share() * interval;
    let failures = 0;
    let detected = 0;
    const simulation = new Simulation<number>(it, {
      duration: (_, at) => at < silentFrom ? 0 : timeout,
      intervalKind: (_, at) => {
        if (at < silentFrom) return "interval";
        if (++failures === fall) detected = at + timeout;
        return failures < fall ? "fastInterval" : "downInterval";
      },
    });
    const bound = interval * (1 + SPREAD) + (fall - 1) * Math.max(fastInterval * (1 + SPREAD), timeout) + timeout;
    simulation.run(START, silentFrom + bound + 2 * interval);
    assert(detected > 0 && detected - silentFrom <= bound + 1e-3, `${detected - silentFrom} ms, not ${bound}`);
    worst = Math.max(worst, (detected - silentFrom) / bound);
  }
  assert(worst > 0.9, `the bound is never nearly reached: ${worst}`);
});

Deno.test("a report moves only the next check forward", () => {
  const intervals = { interval: 10_000, fastInterval: 300, downInterval: 10_000 };
  const { schedule: it, slots: [scheduled] } = schedule(1, intervals);
  const simulation = new Simulation(it, steady);
  simulation.run(START, START + 30_000);
  const due = it.due(scheduled);
  const now = due - 5000;
  it.hasten(scheduled, now);
  assertEquals(it.due(scheduled), now + 300);
  it.hasten(scheduled, now + 100);
  assertEquals(it.due(scheduled), now + 300);
  simulation.run(now, due + 1000);
  assertEquals(simulation.begun.slice(-2).map(({ at }) => at), [now + 300, due]);
  const last = it.due(scheduled) - 100;
  it.hasten(scheduled, last);
  assertEquals(it.due(scheduled), last + 100);
});

Deno.test("a report during a check hastens the next one", () => {
  const { schedule: it, slots: [scheduled] } = schedule(1, {
    interval: 10_000,
    fastInterval: 300,
    downInterval: 10_000,
  });
  for (const [took, next] of [[100, 350], [1000, 1000]]) {
    const now = it.due(scheduled);
    assertEquals(items(it.begin(now)), [0]);
    it.hasten(scheduled, now + 50);
    it.end(scheduled, "interval", now + took);
    assertEquals(it.due(scheduled), now + next);
    it.begin(it.due(scheduled));
    it.end(scheduled, "interval", it.due(scheduled) + 1);
    assert(it.due(scheduled) > now + 1000);
  }
});

Deno.test("when stretched, fastInterval is interval", () => {
  const intervals = { interval: 2000, fastInterval: 200, downInterval: 1000 };
  const { schedule: it, slots: [scheduled] } = schedule(1, intervals, "fastInterval");
  it.isStretched = true;
  const simulation = new Simulation(it, { duration: () => 1, intervalKind: () => "fastInterval" });
  simulation.run(START, START + 10_000);
  assert(Math.min(...gaps(simulation.begun)) >= 2000 * (1 - SPREAD));
  assertEquals(it.demand, 5);
  it.isStretched = false;
  const due = it.due(scheduled);
  it.begin(due);
  it.end(scheduled, "fastInterval", due + 1);
  assert(it.due(scheduled) <= due + 200 * (1 + SPREAD));
});

Deno.test("a check of a removed target ends without a next check", () => {
  const { schedule: it, slots: [scheduled, other] } = schedule(2);
  const now = Math.max(it.due(scheduled), it.due(other));
  it.begin(now);
  it.remove(scheduled);
  it.remove(scheduled);
  it.end(scheduled, "interval", now + 1);
  it.hasten(scheduled, now + 1);
  it.end(other, "interval", now + 1);
  const simulation = new Simulation(it, steady);
  simulation.run(now + 1, now + 5 * INTERVAL);
  assertEquals(new Set(items(simulation.begun)), new Set([1]));
  assertEquals(it.demand, 0.5);
});

Deno.test("changed intervals apply from the next check", () => {
  const { schedule: it, slots: [scheduled] } = schedule(1);
  const intervals = { interval: 7000, fastInterval: 7000, downInterval: 7000 };
  it.change(scheduled, intervals, START);
  const grid = new PeriodicSlots(scheduled.hash, 7000, SPREAD);
  assertEquals(it.due(scheduled), grid.at(grid.after(START)));
  assertEquals(it.demand, 1000 / 7000);
  const due = it.due(scheduled);
  it.begin(due);
  it.change(scheduled, INTERVALS, due);
  it.end(scheduled, "interval", due + 1);
  assert(it.due(scheduled) < due + INTERVAL * (1 + SPREAD));
});
