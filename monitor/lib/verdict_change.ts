/** Observations of a target, and the changes of its verdict that they lead to. */

import type { State, VerdictState } from "./state.ts";

/**
 * What was observed of a target: a check that passed, failed or is neutral; a report of real traffic; `"stale"`, that
 * no check has passed or failed for `staleAfter`; that maintenance begins or ends.
 */
export type Observation =
  | "pass"
  | "fail"
  | "neutral"
  | "report-passed"
  | "report-failed"
  | "stale"
  | "maintenance-begins"
  | "maintenance-ends";

/** What has changed. */
export type Change = Transition | MaintenanceChange | FlagChange | ErrorLimitReached;

/** The state has changed, but for maintenance. A transition ends `degraded` without another change. */
export interface Transition {
  readonly type: "transition";
  readonly from: State;
  readonly to: "unknown" | "up" | "down";
  /** The number of contrary results that led to it; 0 if the state became stale. */
  readonly count: number;
  /** The number of results that it takes; 0 if the state became stale. */
  readonly of: number;
  /** The time in `from`, in ms. */
  readonly duration: number;
  /** Whether it is the first verdict: `from` is unknown. */
  readonly initial: boolean;
}

/** Maintenance has begun or ended. It ends `degraded` and `flapping` without another change. */
export interface MaintenanceChange {
  readonly type: "maintenance";
  readonly active: boolean;
  readonly from: State;
  readonly to: State;
  /** The time in `from`, in ms. */
  readonly duration: number;
}

/** A flag was raised or lowered. */
export interface FlagChange {
  readonly type: "degraded" | "flapping";
  readonly active: boolean;
}

/** `errorLimit` reports have failed: the next check is due `fastInterval` from now, unless it is due earlier. */
export interface ErrorLimitReached {
  readonly type: "error-limit";
}

/** A new state, and what has changed since the last one, in order. */
export interface Judgement {
  readonly state: VerdictState;
  readonly changes: readonly Change[];
}
