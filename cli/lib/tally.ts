/** Counts of results by status. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { isLocalFailure, type ResultClass } from "./local_failure.ts";

/** The status of a result. */
export type Status = CheckResult["status"];

/** All statuses, in the order of messages. */
export const STATUSES = [
  "up",
  "refused",
  "timeout",
  "unreachable",
  "unresolved",
  "denied",
  "local-error",
] as const satisfies readonly Status[];

/** Counts results. */
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
  #localFailures = 0;

  /** @param results Results to count at the start. */
  constructor(results: Iterable<ResultClass> = []) {
    for (const result of results) this.add(result);
  }

  /** Counts a result. */
  add(result: ResultClass): void {
    this.counts[result.status]++;
    if (isLocalFailure(result)) this.#localFailures++;
  }

  /** Number of local failures. */
  get localFailures(): number {
    return this.#localFailures;
  }

  /** Number of results that were up. */
  get up(): number {
    return this.counts.up;
  }

  /** Number of results. */
  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count);
  }
}
