/** When targets are checked, by a clock that the test holds. */

import { assert, assertEquals } from "@std/assert";
import { hash, PeriodicSlots, share } from "../lib/phase.ts";
import { type Intervals, Schedule, ScheduledTarget } from "../lib/schedule.ts";
import type { IntervalKind } from "../lib/state.ts";
import { Random } from "./support/random.ts";
import { type Checks, chiSquared, gaps, histogram, Simulation } from "./support/simulation.ts";

const SPREAD = 0.05;
const OPTIONS = { seed: 1, spread: SPREAD };
const START = 12_345.6;
const INTERVAL = 2000;
const INTERVALS: Intervals = { interval: INTERVAL, fastInterval: INTERVAL, downInterval: INTERVAL };
/** With 99 degrees of freedom, one sample in a million is above it. */
const UNLIKELY = 176;

const name = (item: number) => `192.0.2.${item % 256}:${1000 + item}`;
const steady: Checks<number> = { duration: () => 1, intervalKind: () => "interval" };

function schedule(targets: number, intervals: Intervals = INTERVALS, intervalKind: IntervalKind = "interval") {
  const schedule = new Schedule<number>(OPTIONS, START);
  const slots = Array.from(
    { length: targets },
    (_, i) => schedule.add(new ScheduledTarget(i, intervals, intervalKind), name(i), START),
  );
  return { schedule, slots };
}

/** Slots are linked with each other, and none can be shown alone. */
const items = (scheduled: readonly { item: number }[]) => slots.map(({ item }) => item);

Deno.test("phases are uniform, for ids that look alike and any seed", () => {
  for (const seed of [0, 1, 2, 0xdeadbeef]) {
    for (const id of [name, (i: number) => String(i), (i: number) => `a${"x".repeat(i % 100)}${i}`]) {
      const phases = Array.from({ length: 20_000 }, (_, i) => share(hash(id(i), seed)));
      const statistic = chiSquared(histogram(phases, 0, 1, 100));
      assert(statistic < UNLIKELY, `${statistic} with the seed ${seed}`);
    }
  }
});

Deno.test("ids that differ have different phases", () => {
  const printable = Array.from({ length: 95 }, (_, i) => String.fromCharCode(32 + i));
  const ids = [...printable, ...printable.map((character) => `a${character}`), "é", "ĩ", "日", "本"];
  assertEquals(new Set(ids.map((id) => hash(id, 0))).size, ids.length);
});

Deno.test("slots are an interval apart, more or less the spread, and in order", () => {
  const random = new Random(1);
  for (let run = 0; run < 1000; run++) {
    const interval = 1 + random.share() * 10_000;
    const spread = random.share() * 0.49;
    const grid = new PeriodicSlots(hash(String(run), 0), interval, spread);
    const time = random.share() * 1e9;
    const number = grid.after(time);
    assert(grid.at(number) > time && grid.at(number - 1) <= time);
    const gap = grid.at(number) - grid.at(number - 1);
    assert(Math.abs(gap / interval - 1) <= spread + 1e-6, `${gap} for ${interval} and ${spread}`);
  }
});

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

Deno.test("a new schedule has the same phases, and another seed has others", () => {
  const begun = (seed: number, now: number) => {
    const it = new Schedule<number>({ seed, spread: SPREAD }, now);
    for (let i = 0; i < 100; i++) it.add(new ScheduledTarget(i, INTERVALS, "interval"), name(i), now);
    const simulation = new Simulation(it, steady);
    simulation.run(now, 10 * INTERVAL);
    return simulation.begun.filter(({ at }) => at > 8 * INTERVAL).map(({ item, at }) => `${item} ${at.toFixed(3)}`);
  };
  assertEquals(begun(1, 0), begun(1, 3.3 * INTERVAL));
  assert(begun(1, 0).join() !== begun(2, 0).join());
});

Deno.test("targets that are added together don't bunch, nor do the rest after others are removed", () => {
  const it = new Schedule<number>(OPTIONS, START);
  const simulation = new Simulation(it, steady);
  const random = new Random(1);
  const slots = new Set<ReturnType<typeof it.add>>();
  let now = START;
  let added = 0;
  for (let round = 0; round < 8; round++) {
    for (let i = 0; i < 1000; i++) {
      slots.add(it.add(new ScheduledTarget(added, INTERVALS, "interval"), name(added++), now));
    }
    for (const scheduled of scheduled) {
      if (random.share() < 0.3) {
        it.remove(scheduled);
        slots.delete(scheduled);
      }
    }
    const from = simulation.begun.length;
    simulation.run(now, now + INTERVAL);
    const begun = simulation.begun.slice(from);
    const statistic = chiSquared(histogram(begun.map(({ at }) => at), now, now + INTERVAL, 100));
    assert(statistic < UNLIKELY, `${statistic} in round ${round}`);
    assert(Math.abs(begun.length / slots.size - 1) < SPREAD, `${begun.length} checks of ${slots.size} targets`);
    now += INTERVAL;
  }
  assert(Math.abs(it.demand - slots.size * 1000 / INTERVAL) < 1e-6);
});

Deno.test("a clock that stands still starts no check twice", () => {
  const { schedule: it } = schedule(1000);
  const now = START + 300;
  const begun = it.begin(now);
  assert(begun.length > 100);
  for (let i = 0; i < 10; i++) assertEquals(items(it.begin(now)), []);
  for (const scheduled of begun) it.end(scheduled, "interval", now);
  assertEquals(items(it.begin(now)), []);
});

Deno.test("after a short stall each missed check starts once, late", () => {
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
  Deno.test(`after a clock ${what}, nothing begins in a burst, and each slot that passed is counted`, () => {
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

Deno.test("no target has two checks at once, whatever they take, and however they are hastened", () => {
  const random = new Random(7);
  const underWay = new Map<number, number>();
  const { schedule: it, slots } = schedule(50, { interval: 500, fastInterval: 70, downInterval: 30 });
  const checks: Checks<number> = {
    duration: (item, at) => {
      assert((underWay.get(item) ?? 0) <= at, `${item} is checked twice at ${at}`);
      const duration = random.pick([0, 1, 30, 200, 700, 2000]) * random.share();
      underWay.set(item, at + duration);
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

Deno.test("slots that pass while a check of a steady target is under way are skipped, and counted", () => {
  const { schedule: it, slots: [scheduled] } = schedule(1);
  const [begun] = it.begin(it.due(scheduled));
  const due = it.due(begun);
  const grid = new PeriodicSlots(scheduled.hash, INTERVAL, SPREAD);
  it.end(scheduled, "interval", due + 2.6 * INTERVAL);
  assertEquals(it.due(scheduled), grid.at(grid.after(due) + 2));
  assertEquals(it.skipped, 2);
});

Deno.test("a check that outlasts downInterval is followed in the next slot, and no slot is skipped", () => {
  const { schedule: it } = schedule(20, { interval: 2000, fastInterval: 2000, downInterval: 300 }, "downInterval");
  const simulation = new Simulation(it, { duration: () => 1000, intervalKind: () => "downInterval" });
  simulation.run(START, START + 60_000);
  const between = gaps(simulation.begun);
  assert(Math.min(...between) >= 1000 && Math.max(...between) <= 1000 + 300 * (1 + SPREAD));
  assertEquals(it.skipped, 0);
});

Deno.test("a hastened check that is too late is one skipped scheduled, and the next one is where it was", () => {
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

Deno.test("slots that pass while another interval applies are not skipped", () => {
  for (const [before, after] of [["fastInterval", "interval"], ["interval", "downInterval"]] as const) {
    const { schedule: it, slots: [scheduled] } = schedule(1, INTERVALS, before);
    const due = it.due(scheduled);
    it.begin(due);
    it.end(scheduled, after, due + 3 * INTERVAL);
    assertEquals(it.skipped, 0);
  }
});

Deno.test("checks are as far apart as the interval that applies", () => {
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

Deno.test("checks by fastInterval begin as soon as the one before has ended, if that took longer", () => {
  const { schedule: it } = schedule(20, { interval: 2000, fastInterval: 200, downInterval: 2000 }, "fastInterval");
  const simulation = new Simulation(it, { duration: () => 1000, intervalKind: () => "fastInterval" });
  simulation.run(START, START + 60_000);
  assertEquals(new Set(gaps(simulation.begun).map((gap) => Math.round(gap * 1000) / 1000)), new Set([1000]));
  assertEquals(it.skipped, 0);
});

Deno.test("a target that falls silent is known to be down within the time that the docs give", () => {
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

Deno.test("a report moves one check forward, and no other", () => {
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

Deno.test("a check of a target that was removed meanwhile ends without a next one", () => {
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
