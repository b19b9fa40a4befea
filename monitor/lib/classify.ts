/**
 * Classification of check results: pass, fail, or neutral. HAProxy has no neutral results: its own errors are failures.
 */

import { CheckerNotRunningError, type CheckResult } from "@tcp-shaker/tcp-shaker";

/**
 * By how many ms a timeout may be late. A later one means that this process had no CPU, so an answer may have been
 * missed.
 */
const LATEST_TIMEOUT = 100;

/** Codes that come from the name; all others come from the resolver or from this host. */
const ABOUT_THE_NAME = new Set(["EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY", "SINKHOLE"]);

/** What a result says: `"pass"` and `"fail"` are about the target, `"neutral"` says nothing about it. */
export type Outcome = "pass" | "fail" | "neutral";

/**
 * Classifies a result.
 *
 * @param result The result of a check.
 * @param timeout The check's timeout in ms.
 * @returns What it says about the target.
 */
export function classify(result: CheckResult, timeout: number): Outcome {
  switch (result.status) {
    case "up":
      return "pass";
    case "refused":
      return "fail";
    case "unreachable":
      // This host has no route: no SYN left it.
      return result.sent === false ? "neutral" : "fail";
    case "timeout":
      return result.phase === "connect" && result.duration <= timeout + LATEST_TIMEOUT ? "fail" : "neutral";
    case "unresolved":
      return ABOUT_THE_NAME.has(result.code) ? "fail" : "neutral";
    default:
      return "neutral";
  }
}

/**
 * Tells why a check is neutral.
 *
 * @param result The result of the check, if it was made.
 * @param error The error of a check that could not be made.
 * @returns The code of the result, or else its status and what took too long; or the message of the error.
 */
export function reasonOf(result: CheckResult | undefined, error: unknown): string {
  if (result !== undefined) return resultReason(result);
  // The cause tells why there is no checker.
  const cause = error instanceof CheckerNotRunningError ? error.cause ?? error : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function resultReason(result: CheckResult): string {
  if ("code" in result) return result.code;
  return result.status === "timeout" && result.phase === "queue" ? "timeout in our own queue" : result.status;
}
