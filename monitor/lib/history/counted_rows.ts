/** Rows of results that other programs counted, until the next batch. */

import { type Batch, MINUTE_FIELDS } from "./batch.ts";
import type { CountedResults } from "./counted_results.ts";
import { NumberRows } from "./number_rows.ts";

/** Size from which the rows should be written at once, in numbers: 8 MiB. */
const FULL_NUMBERS = 2 ** 20;

/** RTTs of a minute without a pass. */
const NO_RTT = { min: NaN, mean: NaN, max: NaN };

/** Collects rows by minute. */
export class CountedRows {
  #minutes = new Map<number, NumberRows>();
  #numbers = 0;
  #position: number | undefined;

  /** Whether the rows should be written at once. */
  get isFull(): boolean {
    return this.#numbers > FULL_NUMBERS;
  }

  /**
   * Adds results.
   *
   * @param results The results of one minute.
   * @param slotOf Finds the slot of a target; `undefined` for an unknown one, whose results are ignored.
   */
  add({ minute, rows, position }: CountedResults, slotOf: (id: string) => number | undefined): void {
    const numbers = this.#minutes.getOrInsertComputed(minute, () => new NumberRows(rows.length * MINUTE_FIELDS));
    for (const { id, pass, fail, neutral, rtt: { min, mean, max } = NO_RTT } of rows) {
      const slot = slotOf(id);
      const sum = Number.isNaN(mean) ? 0 : pass * mean;
      if (slot !== undefined) numbers.add([slot, pass, fail, neutral, min, max, sum, 0, 0, 0, 0]);
    }
    this.#position = position ?? this.#position;
    this.#numbers += rows.length * MINUTE_FIELDS;
  }

  /** Removes and returns the rows, with the position up to which the source was read. */
  take(): Pick<Batch, "counted" | "position"> {
    const minutes = this.#minutes;
    this.#minutes = new Map();
    this.#numbers = 0;
    const counted = Array.from(minutes, ([from, rows]) => ({ from, rows: rows.numbers() }));
    return { counted, position: this.#position };
  }
}
