/**
 * Classification of check results: pass, fail, or neutral. HAProxy has no neutral results: its own errors are failures.
 */

import { CheckerNotRunningError, type CheckResult } from "@tcp-shaker/tcp-shaker";
import { TIMEOUT_TEXTS } from "./timeout_text.ts";

/**
 * Maximum lateness of a timeout in ms. A later timeout is neutral: the process had no CPU, and may have missed an
 * answer.
 */
const LATEST_TIMEOUT = 100;

/** Codes that are about the name. All others are failures of the resolver or of this host. */
const ABOUT_THE_NAME = new Set(["EAI_NONAME", "EAI_NODATA", "EAI_ADDRFAMILY", "SINKHOLE"]);

/** Outcome of a check: `"pass"` and `"fail"` count for the verdict; `"neutral"` tells nothing about the target. */
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
      return ABOUT_THE_NAME.has(result.code) ? "fail" : "neutral";
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
  // The cause tells why there is no checker.
  const cause = error instanceof CheckerNotRunningError ? error.cause ?? error : error;
  return cause instanceof Error ? cause.message : String(cause);
}

function resultReason(result: CheckResult): string {
  if ("code" in result) return result.code;
  return result.status === "timeout" ? TIMEOUT_TEXTS[result.phase] : result.status;
}
