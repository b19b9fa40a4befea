/** A schedule of numbered targets, for tests. */

import { type Intervals, Schedule, ScheduledTarget } from "../../lib/schedule.ts";
import type { IntervalKind } from "../../lib/state.ts";
import type { Checks } from "./simulation.ts";

export const SPREAD = 0.05;
export const OPTIONS = { seed: 1, spread: SPREAD };
export const START = 12_345.6;
export const INTERVAL = 2000;
export const INTERVALS: Intervals = { interval: INTERVAL, fastInterval: INTERVAL, downInterval: INTERVAL };
export const name = (item: number) => `192.0.2.${item % 256}:${1000 + item}`;
export const steady: Checks<number> = { duration: () => 1, intervalKind: () => "interval" };

export function schedule(targets: number, intervals: Intervals = INTERVALS, intervalKind: IntervalKind = "interval") {
  const schedule = new Schedule<number>(OPTIONS, START);
  const slots = Array.from(
    { length: targets },
    (_, i) => schedule.add(new ScheduledTarget(i, intervals, intervalKind), name(i), START),
  );
  return { schedule, slots };
}

/** Slots are linked with each other, and none can be shown alone. */
export const items = (targets: readonly { item: number }[]) => targets.map(({ item }) => item);
