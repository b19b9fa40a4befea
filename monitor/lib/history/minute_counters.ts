/** Minute counters: checks and times of all targets in one minute, by slot. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Outcome } from "../classify.ts";
import type { State } from "../state.ts";
import { MINUTE_FIELDS } from "./batch.ts";

/** Indices of the fields in a row of {@linkcode Batch.minutes}. */
const FIELD = {
  slot: 0,
  pass: 1,
  fail: 2,
  neutral: 3,
  min: 4,
  max: 5,
  sum: 6,
  up: 7,
  down: 8,
  unknown: 9,
  maintenance: 10,
};

/** Counters in one array of numbers, one row per slot, so that counting a check allocates no memory. */
export class MinuteCounters {
  readonly #numbers: Float64Array;

  /**
   * @param size Number of slots.
   * @param before Counters of fewer slots, which are copied.
   */
  constructor(size: number, before?: MinuteCounters) {
    this.#numbers = new Float64Array(size * MINUTE_FIELDS);
    let from = 0;
    if (before !== undefined) {
      this.#numbers.set(before.#numbers);
      from = before.size;
    }
    for (let slot = from; slot < size; slot++) {
      const row = slot * MINUTE_FIELDS;
      this.#numbers[row + FIELD.slot] = slot;
      this.#numbers[row + FIELD.min] = this.#numbers[row + FIELD.max] = NaN;
    }
  }

  /** Number of slots. */
  get size(): number {
    return this.#numbers.length / MINUTE_FIELDS;
  }

  /** Counts a check. */
  count(slot: number, outcome: Outcome, result: CheckResult | undefined): void {
    const numbers = this.#numbers;
    const row = slot * MINUTE_FIELDS;
    numbers[row + FIELD[outcome]]++;
    if (result?.status !== "up") return;
    const { rtt } = result;
    numbers[row + FIELD.sum] += rtt;
    // Comparisons with NaN are false.
    if (!(rtt >= numbers[row + FIELD.min])) numbers[row + FIELD.min] = rtt;
    if (!(rtt <= numbers[row + FIELD.max])) numbers[row + FIELD.max] = rtt;
  }

  /** Adds time in a state, in ms. */
  addTime(slot: number, state: State, ms: number): void {
    this.#numbers[slot * MINUTE_FIELDS + FIELD[state]] += ms;
  }

  /** The row of a slot. */
  row(slot: number): Float64Array {
    return this.#numbers.subarray(slot * MINUTE_FIELDS, (slot + 1) * MINUTE_FIELDS);
  }
}
