/** Results for the eye. */

import type { CheckResult } from "../../mod.ts";

/** Address, status, and code where there is one, on one line. */
export function outcome(result: CheckResult): string {
  const code = "code" in result ? [result.code] : [];
  return [result.address?.hostname ?? "none", result.status, ...code].join(" ");
}
