/** Local failures: results of checks that this host could not make, which give no information about the target. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";

/** The fields of a result that classify it. */
export interface ResultClass {
  readonly status: CheckResult["status"];
  /** The phase of a timeout. */
  readonly phase?: "resolve" | "connect" | "queue";
}

/**
 * Returns whether a result is a local failure.
 *
 * @param result The result.
 * @returns `true` for a local error, and for a check that timed out in a local queue.
 */
export function isLocalFailure(result: ResultClass): boolean {
  return result.status === "local-error" || isQueueTimeout(result);
}

/** Whether a check timed out in a local queue. */
export function isQueueTimeout(result: ResultClass): boolean {
  return result.status === "timeout" && result.phase === "queue";
}
