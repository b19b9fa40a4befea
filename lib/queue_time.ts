/** Time in our own queues: its limit, and what results show of it. */

import type { ResolvedOptions } from "./resolved_options.ts";

/** Shortest reported `queueTime` in ms: checks that don't wait pass through the queues too. */
export const SHOWN_QUEUE_TIME = 1;

/** Outcome of a check that has waited in our own queues for as long as it may. */
export const QUEUE_TIMEOUT = { status: "timeout", phase: "queue", retransmits: 0 } as const;

/**
 * Computes how long a check may still wait.
 *
 * @param options The options of the check.
 * @param waited How long it has waited, in ms.
 * @returns The time in ms, above 0.
 */
export function queueTimeLeft({ queueTimeout }: ResolvedOptions, waited: number): number {
  return Math.max(queueTimeout - waited, Number.MIN_VALUE);
}
