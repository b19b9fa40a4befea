/** How often there was each status. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";

/** The outcome of a check, in a word. */
export type Status = CheckResult["status"];

/** Counts statuses. */
export class Tally {
  readonly counts: Record<Status, number> = {
    "up": 0,
    "refused": 0,
    "timeout": 0,
    "unreachable": 0,
    "unresolved": 0,
    "denied": 0,
    "local-error": 0,
  };

  /** @param statuses Those to start with. */
  constructor(statuses: Iterable<Status> = []) {
    for (const status of statuses) this.add(status);
  }

  /** Counts one more. */
  add(status: Status): void {
    this.counts[status]++;
  }

  /** How many were up. */
  get up(): number {
    return this.counts.up;
  }

  /** How many there were. */
  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count);
  }
}
