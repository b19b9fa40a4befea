/**
 * Storm detection: many targets of a group go down at about the same time, perhaps because this host or the network is
 * at fault. A pure function of the state, a transition, the options and the time.
 */

import { beginning, count, NOTHING_COUNTED, type SlidingCount, sum } from "./sliding_count.ts";
import type { State } from "./state.ts";

/** Limits of a storm. */
export interface StormOptions {
  /**
   * Minimum share of the known targets (up or down) that go down: above 0, at most 1.
   *
   * @default {0.3}
   */
  readonly share: number;
  /**
   * Minimum number of targets that go down.
   *
   * @default {5}
   */
  readonly minimum: number;
  /**
   * Time window in ms. The storm ends after this time without a transition, or after 5 times this time.
   *
   * @default {twice the largest interval of the group}
   */
  readonly within: number;
}

/** Immutable state of a group. */
export interface StormState {
  /** Count of the targets that went down within the window. Not updated during a storm. */
  readonly recent: SlidingCount;
  /** Transitions before this time are not in `recent`. */
  readonly recentFrom: number;
  /** The current storm, if any. */
  readonly storm: Storm | undefined;
}

/** A current storm. */
interface Storm {
  readonly since: number;
  /** Time of the last transition, up or down. */
  readonly lastTransition: number;
  /** Number of targets that went down, each counted once. */
  readonly count: number;
  /** `count` includes targets that went down at this time or later. */
  readonly countedFrom: number;
}

/** Transition of a target between up and down. */
export interface UpDownTransition {
  /** The new state. */
  readonly to: State;
  /** When the target last went down before this transition; -Infinity if never. */
  readonly wasDownAt: number;
}

/** A storm began or ended. */
export interface StormChange {
  /** The kind of event. */
  readonly type: "storm";
  /** Whether the storm begins. */
  readonly active: boolean;
  /** The number of targets that went down: within the time window if the storm begins, during the storm if it ends. */
  readonly count: number;
  /** The number of targets that are up or down. */
  readonly of: number;
  /** The time window if the storm begins, its duration if it ends, in ms. */
  readonly within: number;
}

/** A new state, and the changes. */
export interface StormJudgement {
  readonly state: StormState;
  readonly changes: readonly StormChange[];
}

const ENDS_AFTER = 5;
const NOTHING: readonly StormChange[] = [];

/** The state of a new group. */
export const NO_STORM: StormState = { recent: NOTHING_COUNTED, recentFrom: -Infinity, storm: undefined };

/**
 * Decides whether there is a storm.
 *
 * @param state The state of the group so far.
 * @param transition The transition of a target; `undefined` if only time has passed.
 * @param known The number of targets of the group that are up or down.
 * @param options The limits.
 * @param now The time: 0 or more, never decreasing.
 * @returns The new state, and the changes.
 */
export function judgeStorm(
  state: StormState,
  transition: UpDownTransition | undefined,
  known: number,
  options: StormOptions,
  now: number,
): StormJudgement {
  const { storm } = state;
  if (storm === undefined) {
    return transition?.to === "down" ? collect(state, transition, known, options, now) : same(state);
  }
  const { within } = options;
  if (now - storm.lastTransition >= within || now - storm.since >= ENDS_AFTER * within) {
    const after = judgeStorm({ ...NO_STORM, recentFrom: now }, transition, known, options, now);
    return { state: after.state, changes: [...endStorm(state, known, now), ...after.changes] };
  }
  if (transition === undefined) return same(state);
  const isNews = transition.to === "down" && transition.wasDownAt < storm.countedFrom;
  return same({ ...state, storm: { ...storm, lastTransition: now, count: storm.count + Number(isNews) } });
}

/**
 * Ends the storm.
 *
 * @param state The state of the group so far.
 * @param known The number of targets of the group that are up or down.
 * @param now The time.
 * @returns The changes; empty without a storm.
 */
export function endStorm({ storm }: StormState, known: number, now: number): readonly StormChange[] {
  if (storm === undefined) return NOTHING;
  return [{ type: "storm", active: false, count: storm.count, of: known, within: now - storm.since }];
}

/** Counts a target that went down, and begins a storm if the limits are reached. */
function collect(
  { recent, recentFrom }: StormState,
  { wasDownAt }: UpDownTransition,
  known: number,
  { share, minimum, within }: StormOptions,
  now: number,
): StormJudgement {
  const begin = Math.max(recentFrom, beginning(within, now));
  // A target that went down twice is counted once.
  const others = wasDownAt < begin ? recent : count(recent, -1, wasDownAt, within, now);
  const counted = count(others, 1, now, within, now);
  const down = sum(counted, within, now);
  if (down < minimum || down < share * known) return same({ recent: counted, recentFrom, storm: undefined });
  return {
    state: { ...NO_STORM, storm: { since: now, lastTransition: now, count: down, countedFrom: begin } },
    changes: [{ type: "storm", active: true, count: down, of: known, within }],
  };
}

function same(state: StormState): StormJudgement {
  return { state, changes: NOTHING };
}
