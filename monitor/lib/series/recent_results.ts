/** Recent results of all targets in memory: a ring per target. All rings together share {@linkcode BUDGET_BYTES}. */

import type { Outcome } from "../classify.ts";
import { type RecentResult, ResultRing } from "./result_ring.ts";

/** Memory of all rings. */
const BUDGET_BYTES = 64 * 2 ** 20;
/** Results of a target, at most: 2 h of checks each 2 s. */
const MAX_RESULTS = 3600;

/** Keeps the recent results of each target. More targets have fewer results each. */
export class RecentResults {
  readonly #rings = new Map<string, ResultRing>();

  /** Results that a target may have now. */
  get capacity(): number {
    const share = Math.floor(BUDGET_BYTES / ResultRing.BYTES_PER_RESULT / Math.max(1, this.#rings.size));
    return Math.min(MAX_RESULTS, share);
  }

  /**
   * Adds a result.
   *
   * @param id The target's id.
   * @param at The wall clock in ms since 1970.
   * @param outcome What the result says about the target.
   * @param rtt The round trip time in ms; `undefined` unless the check passed.
   */
  add(id: string, at: number, outcome: Outcome, rtt: number | undefined): void {
    let ring = this.#rings.get(id);
    if (ring === undefined) this.#rings.set(id, ring = new ResultRing());
    ring.add(at, outcome, rtt, this.capacity);
  }

  /**
   * Reads the results of a target.
   *
   * @param id The target's id.
   * @returns The results, oldest first; none if there is no such target.
   */
  results(id: string): RecentResult[] {
    return this.#rings.get(id)?.results() ?? [];
  }

  /** Forgets a target. */
  delete(id: string): void {
    this.#rings.delete(id);
  }
}
