/** Simulation of a schedule, with a manual clock. */

import type { Schedule, ScheduledTarget } from "../../lib/schedule.ts";
import type { IntervalKind } from "../../lib/state.ts";

/** A started check. */
export interface Begun<Item> {
  readonly item: Item;
  readonly at: number;
}

/** Behaviour of checks. */
export interface Checks<Item> {
  /** How long a check takes. */
  duration: (item: Item, at: number) => number;
  /** The interval that applies after a check. */
  intervalKind: (item: Item, at: number) => IntervalKind;
}

/** Simulates a schedule: begins due checks at once, and ends each check after its duration. Nothing sleeps. */
export class Simulation<Item> {
  /** All started checks. */
  readonly begun: Begun<Item>[] = [];
  readonly #schedule: Schedule<Item>;
  readonly #checks: Checks<Item>;
  #inFlight: { scheduled: ScheduledTarget<Item>; begunAt: number; at: number }[] = [];

  constructor(schedule: Schedule<Item>, checks: Checks<Item>) {
    this.#schedule = schedule;
    this.#checks = checks;
  }

  /** Advances the time from one instant to another. */
  run(from: number, until: number): void {
    let now = from;
    while (now <= until) {
      this.end(now);
      for (const scheduled of this.#schedule.begin(now)) {
        this.begun.push({ item: scheduled.item, at: now });
        this.#inFlight.push({ scheduled, begunAt: now, at: now + this.#checks.duration(scheduled.item, now) });
      }
      now = Math.max(now, Math.min(this.#schedule.nextDue(), ...this.#inFlight.map(({ at }) => at)));
    }
    this.end(until);
  }

  /** Ends the checks that are due to end. */
  end(now: number): void {
    const ended = this.#inFlight.filter(({ at }) => at <= now);
    this.#inFlight = this.#inFlight.filter(({ at }) => at > now);
    for (const { scheduled, begunAt } of ended) {
      this.#schedule.end(scheduled, this.#checks.intervalKind(scheduled.item, begunAt), now);
    }
  }
}

/** The time between each check of an item and its next one. */
export function gaps<Item>(begun: readonly Begun<Item>[]): number[] {
  const last = new Map<Item, number>();
  return begun.flatMap(({ item, at }) => {
    const before = last.get(item);
    last.set(item, at);
    return before === undefined ? [] : [at - before];
  });
}

/** Histogram of times: their number in each of some equal parts of a span. */
export function histogram(times: readonly number[], from: number, until: number, parts: number): number[] {
  const counts = Array.from({ length: parts }, () => 0);
  for (const time of times) {
    if (time >= from && time < until) counts[Math.floor((time - from) / (until - from) * parts)]++;
  }
  return counts;
}

/** With 99 degrees of freedom, one sample in a million is above it: {@linkcode chiSquared}. */
export const UNLIKELY = 176;

/**
 * Pearson's chi-squared statistic of counts that should be equal: about `counts.length - 1` for random counts.
 */
export function chiSquared(counts: readonly number[]): number {
  const mean = counts.reduce((a, b) => a + b) / counts.length;
  return counts.reduce((sum, count) => sum + (count - mean) ** 2 / mean, 0);
}
