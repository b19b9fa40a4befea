/** History that is written without a monitor: the minutes of many days within seconds. */

import { type Batch, MINUTE_FIELDS } from "../../lib/history/batch.ts";
import type { HistoryLimits } from "../../lib/history/retention.ts";
import { resolveLimits } from "../../lib/history/retention.ts";
import { Store } from "../../lib/history/store.ts";

const MINUTE = 60_000;

/** Writes minutes of some targets, with 30 checks a minute. */
export class WrittenHistory implements Disposable {
  readonly store: Store;
  readonly ids: readonly string[];
  #isNamed = false;

  constructor(file: string, targets: number, limits: HistoryLimits = {}) {
    this.store = new Store(file, resolveLimits(limits));
    this.store.boot = 1;
    this.ids = Array.from({ length: targets }, (_, i) => `target-${i}.example:443`);
  }

  /** Writes the minute that begins at a time, up for a share of it, and returns the size of the file. */
  write(from: number, up = 1): number {
    const rows = new Float64Array(this.ids.length * MINUTE_FIELDS);
    for (const slot of this.ids.keys()) {
      // RTTs of 1 to 50 ms, which take as many bytes as those of a real network.
      const rtt = 1 + (slot * 7919 + from / MINUTE * 104_729) % 49_000 / 1000;
      rows.set([slot, 30, 0, 0, rtt, 2 * rtt, 40 * rtt, up * MINUTE, (1 - up) * MINUTE, 0, 0], slot * MINUTE_FIELDS);
    }
    const names = this.#isNamed ? [] : this.ids.map((id, slot) => [slot, id, id] as const);
    this.#isNamed = true;
    const batch: Batch = {
      at: from + MINUTE,
      names,
      events: [],
      states: new Float64Array(),
      maintenances: [],
      removed: [],
      isComplete: false,
      isLast: false,
      minutes: { from, rows },
      counted: [],
    };
    return this.store.write(batch).size;
  }

  /** Writes all minutes of a time range, and returns the largest size of the file. */
  writeAll(from: number, to: number): number {
    let largest = 0;
    for (let minute = from; minute < to; minute += MINUTE) largest = Math.max(largest, this.write(minute));
    return largest;
  }

  [Symbol.dispose](): void {
    this.store[Symbol.dispose]();
  }
}
