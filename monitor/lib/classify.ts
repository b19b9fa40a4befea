/** Classification of check results: pass, fail, or neutral. In HAProxy errors of its own host are failures, too. */

import { CheckerNotRunningError, type CheckResult } from "@tcp-shaker/tcp-shaker";
import { TIMEOUT_TEXTS } from "./timeout_text.ts";

/**
 * Maximum lateness of a timeout in ms. A later timeout is neutral, because the process lacked CPU time and may have
 * missed an answer.
 */
const LATEST_TIMEOUT = 100;

/** Codes which mean that the name has no usable address. Other codes are failures of the resolver or of this host. */
const NO_ADDRESS = new Set(["EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY", "SINKHOLE"]);

/**
 * Outcome of a check: `"pass"` and `"fail"` count for the verdict. `"neutral"` does not, because the check failed on
 * this host or in the resolver.
 */
export type Outcome = "pass" | "fail" | "neutral";

/**
 * Classifies a result.
 *
 * @param result The result of a check.
 * @param timeout The check's timeout in ms.
 * @returns The outcome.
 */
export function classify(result: CheckResult, timeout: number): Outcome {
  switch (result.status) {
    case "up":
      return "pass";
    case "refused":
      return "fail";
    case "unreachable":
      // This host has no route, so no SYN was sent.
      return result.sent === false ? "neutral" : "fail";
    case "timeout":
      return result.phase === "connect" && result.duration <= timeout + LATEST_TIMEOUT ? "fail" : "neutral";
    case "unresolved":
      return NO_ADDRESS.has(result.code) ? "fail" : "neutral";
    default:
      return "neutral";
  }
}

/**
 * Returns the reason why a check is neutral.
 *
 * @param result The result of the check, if it was made.
 * @param error The error of a check that could not be made.
 * @returns The code of the result, or its status and phase; or the message of the error.
 */
export function reasonOf(result: CheckResult | undefined, error: unknown): string {
  if (result !== undefined) return resultReason(result);
  // The cause is the reason why there is no checker.
  const cause = error instanceof CheckerNotRunningError ? error.cause ?? error : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function resultReason(result: CheckResult): string {
  if ("code" in result) return result.code;
  return result.status === "timeout" ? TIMEOUT_TEXTS[result.phase] : result.status;
}
