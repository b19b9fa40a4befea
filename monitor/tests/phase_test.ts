/** Phases of targets, and the times of their slots. */

import { assert, assertEquals } from "@std/assert";
import { hash, PeriodicSlots, share } from "../lib/phase.ts";
import { Schedule, ScheduledTarget } from "../lib/schedule.ts";
import { Random } from "./support/random.ts";
import { chiSquared, histogram, Simulation, UNLIKELY } from "./support/simulation.ts";
import { INTERVAL, INTERVALS, name, OPTIONS, SPREAD, START, steady } from "./support/test_schedule.ts";

Deno.test("phases are uniform, for similar ids and any seed", () => {
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

Deno.test("slots are one interval apart, within the spread, and in order", () => {
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

Deno.test("targets that are added together are spread evenly, also after others are removed", () => {
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
    for (const scheduled of slots) {
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
