/** Time in our own queues: its limit, and its field in results. */

import type { ResolvedOptions } from "./resolved_options.ts";

/** Shortest reported `queueTime` in ms. Shorter times are not waits: every check passes through the queues. */
export const SHOWN_QUEUE_TIME = 1;

/** Outcome of a check that has waited for its `queueTimeout`. */
export const QUEUE_TIMEOUT = { status: "timeout", phase: "queue", retransmits: 0 } as const;

/**
 * Computes the rest of a check's `queueTimeout`.
 *
 * @param options The options of the check.
 * @param waited The time that the check has waited, in ms.
 * @returns The time in ms, above 0.
 */
export function queueTimeLeft({ queueTimeout }: ResolvedOptions, waited: number): number {
  return Math.max(queueTimeout - waited, Number.MIN_VALUE);
}
