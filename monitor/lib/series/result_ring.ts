/** Ring buffer of one target's recent results, with 12 bytes per result. */

import type { Outcome } from "../classify.ts";

/** A recent result. */
export interface RecentResult {
  /** When the check ended, by the wall clock, in ms since 1970. */
  readonly at: number;
  /** The outcome of the check. */
  readonly outcome: Outcome;
  /** The round-trip time in ms; absent unless the check passed. */
  readonly rtt?: number;
}

/** Encodings of outcomes without a round-trip time. */
const NO_RTT = { fail: -1, neutral: -2 };
/** Initial capacity of a ring, in results. It doubles until the ring reaches its maximum. */
const FIRST_SIZE = 16;

/** Ring buffer of results. The oldest are overwritten. */
export class ResultRing {
  /** Bytes per result. */
  static readonly BYTES_PER_RESULT = Float64Array.BYTES_PER_ELEMENT + Float32Array.BYTES_PER_ELEMENT;
  #times = new Float64Array(FIRST_SIZE);
  #rtts = new Float32Array(FIRST_SIZE);
  #next = 0;
  #size = 0;

  /**
   * Adds a result.
   *
   * @param at The wall clock in ms since 1970.
   * @param outcome The outcome of the check.
   * @param rtt The round-trip time in ms; `undefined` unless the check passed.
   * @param capacity Maximum number of results, at least 1.
   */
  add(at: number, outcome: Outcome, rtt: number | undefined, capacity: number): void {
    const length = this.#times.length;
    if (length > capacity) this.#resize(capacity);
    else if (this.#size === length && length < capacity) this.#resize(Math.min(2 * length, capacity));
    this.#times[this.#next] = at;
    this.#rtts[this.#next] = outcome === "pass" ? rtt ?? 0 : NO_RTT[outcome];
    this.#next = (this.#next + 1) % this.#times.length;
    this.#size = Math.min(this.#size + 1, this.#times.length);
  }

  /** Lists the results, oldest first. */
  results(): RecentResult[] {
    return Array.from({ length: this.#size }, (_, i) => {
      const index = this.#index(i);
      const [at, rtt] = [this.#times[index], this.#rtts[index]];
      if (rtt >= 0) return { at, outcome: "pass", rtt };
      return { at, outcome: rtt === NO_RTT.fail ? "fail" : "neutral" };
    });
  }

  /** Moves the newest results to arrays of another length. */
  #resize(length: number): void {
    const kept = Math.min(this.#size, length);
    const [times, rtts] = [new Float64Array(length), new Float32Array(length)];
    for (let i = 0; i < kept; i++) {
      const index = this.#index(this.#size - kept + i);
      times[i] = this.#times[index];
      rtts[i] = this.#rtts[index];
    }
    [this.#times, this.#rtts, this.#size, this.#next] = [times, rtts, kept, kept % length];
  }

  /** Returns the index of the i-th result from the oldest. */
  #index(i: number): number {
    return (this.#next - this.#size + i + this.#times.length) % this.#times.length;
  }
}
