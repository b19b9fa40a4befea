/** Observations of a target, and the changes of its verdict that they lead to. */

import type { State, VerdictState } from "./state.ts";

/**
 * Observation of a target: a check that passed, failed or is neutral; a report of real traffic; `"stale"`, if no check
 * has passed or failed for `staleAfter`; the begin or end of maintenance.
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

/** Change of a target's verdict. */
export type Change = Transition | MaintenanceChange | FlagChange | ErrorLimitReached;

/** The state has changed, other than by maintenance. A transition also ends `degraded`, without a change for it. */
export interface Transition {
  readonly type: "transition";
  readonly from: State;
  readonly to: "unknown" | "up" | "down";
  /** The number of consecutive results that caused the transition; 0 if the state became stale. */
  readonly count: number;
  /** The number of results that the transition needs; 0 if the state became stale. */
  readonly of: number;
  /** The time in `from`, in ms. */
  readonly duration: number;
  /** Whether `from` is unknown, so that this is a first verdict. */
  readonly initial: boolean;
}

/** Maintenance began or ended. This also ends `degraded` and `flapping`, without changes for them. */
export interface MaintenanceChange {
  readonly type: "maintenance";
  readonly active: boolean;
  readonly from: State;
  readonly to: State;
  /** The time in `from`, in ms. */
  readonly duration: number;
}

/** A flag was set or cleared. */
export interface FlagChange {
  readonly type: "degraded" | "flapping";
  readonly active: boolean;
}

/** `errorLimit` reports have failed, so the next check is due `fastInterval` from now, unless it is due earlier. */
export interface ErrorLimitReached {
  readonly type: "error-limit";
}

/** A new state, and the changes since the last one, in order. */
export interface Judgement {
  readonly state: VerdictState;
  readonly changes: readonly Change[];
}
