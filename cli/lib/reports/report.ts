/** Interface of reports, which print results, and the context of a run. */

import type { CheckAllOptions, CheckResult } from "@tcp-shaker/tcp-shaker";
import type { Mode } from "../mode.ts";
import type { Statistics } from "../statistics.ts";
import type { CheckRequest, Target } from "../target.ts";

/** Prints the results of a run. */
export interface Report {
  /** Adds a result. The results of one target are in the order of its rounds; otherwise there is no order. */
  add(request: CheckRequest, result: CheckResult): void;
  /** Prints the rest. Called after the last result. */
  end(): void;
  /** The exit status, if the format defines one. Read after {@linkcode Report.end}. */
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
  /** Targets that set the width of columns: all targets, or the first and last of each network and range. */
  readonly samples: readonly Target[];
  /** Whether lines are aligned, because there may be several. */
  readonly isAligned: boolean;
  /** The statistics of each target; empty in modes without statistics. */
  readonly statistics: readonly Statistics[];
  /** Returns the number of checks of the run; if it is unknown, the number of started checks. */
  readonly total: () => number;
  /** Returns reasons why this number of results may be incomplete. */
  readonly caveats: (results: number) => string[];
}

/** Prints nothing. */
export const QUIET: Report = { add() {}, end() {} };
