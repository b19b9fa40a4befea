/** Interface of reports, which print results, and the context of a run. */

import type { CheckAllOptions, CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Mode } from "../mode.ts";
import type { Statistics } from "../statistics.ts";
import type { CheckRequest, Target } from "../targets/target.ts";

/** Prints the results of a run. */
export interface Report {
  /** Adds a result. Results come in no particular order, but those of one target in the order of its rounds. */
  add(request: CheckRequest, result: CheckResult): void;
  /** Prints the rest: no result follows. */
  end(): void;
  /** The exit status, if the format has its own. Read after the end. */
  readonly exitStatus?: number;
}

/** Context of a run, for reports. */
export interface Run {
  readonly command: {
    readonly mode: Mode;
    readonly options: CheckAllOptions & { readonly timeout: number };
    readonly minUp: number | undefined;
    readonly verbose: boolean;
  };
  /** Targets that set the width of columns: all, or the first and the last of each network and range. */
  readonly samples: readonly Target[];
  /** Whether lines are aligned: there may be more than one. */
  readonly isAligned: boolean;
  /** The statistics of each target, in its order; empty in modes that keep none. */
  readonly statistics: readonly Statistics[];
  /** Returns the number of checks of the run, or of those started if the end of the targets is not known. */
  readonly total: () => number;
  /** Returns reasons why this number of results may not be complete. */
  readonly caveats: (results: number) => string[];
}

/** Prints nothing. */
export const QUIET: Report = { add() {}, end() {} };
