/** The state of one target's verdict. */

/** The verdict on a target. */
export type State = "unknown" | "up" | "down" | "maintenance";

/** All states. */
export const STATES: readonly State[] = ["unknown", "up", "down", "maintenance"];

/**
 * The immutable state of one target's verdict. Times are in ms of the caller's monotonic clock.
 */
export interface VerdictState {
  /** The verdict. */
  readonly state: State;
  /** When `state` last changed. */
  readonly since: number;
  /**
   * Consecutive contrary results: failures while up or unknown (below `fall`), passes while down (below `rise`).
   * HAProxy's `health` is `rise + fall - 1 - count` while up, and `count` while down.
   */
  readonly count: number;
  /** Consecutive failed reports. */
  readonly errors: number;
  /** The last results while up, as bits: the lowest bit is the newest result, and 1 is a failure. */
  readonly window: number;
  /** Whether too many of the results in `window` are failures. */
  readonly degraded: boolean;
  /** Times of the latest transitions between up and down, oldest first; at most `flap.transitions` of them. */
  readonly transitionTimes: readonly number[];
  /** Whether the target is flapping. */
  readonly flapping: boolean;
}

/** The interval that applies to a target: see {@linkcode intervalKind}. */
export type IntervalKind = "interval" | "fastInterval" | "downInterval";

/**
 * Determines which of the three intervals applies to a target.
 *
 * @param state The target's state.
 * @returns `"interval"` while up and `"downInterval"` while down, without contrary results; otherwise `"fastInterval"`.
 */
export function intervalKind({ state, count }: VerdictState): IntervalKind {
  if (count > 0 || state === "unknown") return "fastInterval";
  return state === "down" ? "downInterval" : "interval";
}
