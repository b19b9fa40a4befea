/** Recent results of all targets in memory: one ring buffer per target. All rings share {@linkcode BUDGET_BYTES}. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Outcome } from "../classify.ts";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import type { PublishedEvent } from "../event.ts";
import type { MonitorObserver } from "../observer.ts";
import { type RecentResult, ResultRing } from "./result_ring.ts";

/** Memory of all rings, in bytes. */
const BUDGET_BYTES = 64 * 2 ** 20;
/** Maximum number of results per target: 2 h of checks every 2 s. */
const MAX_RESULTS = 3600;

/** Observer of a monitor that keeps the recent results of each target, fewer per target if there are more targets. */
export class RecentResults implements MonitorObserver {
  readonly #clock: Clock;
  readonly #rings = new Map<string, ResultRing>();

  /**
   * Creates an observer without results.
   *
   * @param clock The clock of the results.
   */
  constructor(clock: Clock = SYSTEM_CLOCK) {
    this.#clock = clock;
  }

  /** Current maximum number of results per target. */
  get capacity(): number {
    const share = Math.floor(BUDGET_BYTES / ResultRing.BYTES_PER_RESULT / Math.max(1, this.#rings.size));
    return Math.min(MAX_RESULTS, share);
  }

  /** Adds the result of a check. */
  checked(id: string, outcome: Outcome, _now: number, result: CheckResult | undefined): void {
    let ring = this.#rings.get(id);
    if (ring === undefined) this.#rings.set(id, ring = new ResultRing());
    ring.add(this.#clock.date(), outcome, result?.status === "up" ? result.rtt : undefined, this.capacity);
  }

  /** Drops the results of a target. */
  published(event: PublishedEvent): void {
    if (event.type === "removed") this.#rings.delete(event.id);
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
}
