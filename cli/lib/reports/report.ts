/** What becomes of the results. */

import type { CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Request } from "../targets/target.ts";

/** Prints results, one way or another. */
export interface Report {
  /** Takes a result, in no particular order. */
  take(request: Request, result: CheckResult): void;
  /** Prints what is left to print: all checks are done, or will never be. */
  end(): void;
}

/** Prints nothing. */
export const QUIET: Report = { take() {}, end() {} };
