/** Counts of results by status. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import { isOwnFault } from "./own_fault.ts";

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
  #ownFaults = 0;

  /** @param statuses Statuses to count at the start. */
  constructor(statuses: Iterable<Status> = []) {
    for (const status of statuses) this.#count(status, status === "local-error");
  }

  /** Counts the status of a result. */
  add(result: CheckResult): void {
    this.#count(result.status, isOwnFault(result));
  }

  /** Number of results that tell nothing about their targets, because this host failed. */
  get ownFaults(): number {
    return this.#ownFaults;
  }

  /** Number of results that were up. */
  get up(): number {
    return this.counts.up;
  }

  /** Number of results. */
  get total(): number {
    return Object.values(this.counts).reduce((sum, count) => sum + count);
  }

  #count(status: Status, isOwnFault: boolean): void {
    this.counts[status]++;
    if (isOwnFault) this.#ownFaults++;
  }
}
