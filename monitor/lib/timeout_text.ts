/** Texts for timeouts, by phase. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";

/** The phase of a check that timed out. */
type TimeoutPhase = Extract<CheckResult, { status: "timeout" }>["phase"];

/** The texts. */
export const TIMEOUT_TEXTS: Readonly<Record<TimeoutPhase, string>> = {
  resolve: "timeout of the name lookup",
  connect: "timeout",
  queue: "timeout in a local queue",
};
