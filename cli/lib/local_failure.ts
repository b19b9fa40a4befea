/** Results that tell nothing about their targets. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";

/** The fields of a result that decide what it counts as. */
export interface Verdict {
  readonly status: CheckResult["status"];
  /** The phase of a timeout. */
  readonly phase?: "resolve" | "connect" | "queue";
}

/**
 * Tells whether this host could not check a target.
 *
 * @param result The result.
 * @returns Whether it is a local error, or a check that waited too long in our own queues.
 */
export function isOwnFault(result: Verdict): boolean {
  return result.status === "local-error" || isQueueTimeout(result);
}

/**
 * Tells whether a check waited too long in our own queues.
 *
 * @param result The result.
 * @returns Whether it did.
 */
export function isQueueTimeout(result: Verdict): boolean {
  return result.status === "timeout" && result.phase === "queue";
}
