/** What becomes of the results. */

import type { CheckResult } from "../../mod.ts";
import type { Target } from "./command.ts";

/** Prints results, one way or another. */
export interface Report {
  /** Whether every result so far was "up". */
  readonly allUp: boolean;
  /** Takes a result, in no particular order. */
  take(target: Target, result: CheckResult): void;
  /** Prints what is left to print: all checks are done, or will never be. */
  end(): void;
}
