/**
 * Storm detection: many targets of a group turn down at about the same time, so perhaps this host or the network is at
 * fault and not they. It is a pure function of the state, a transition, the options and the time.
 */

import { beginning, count, NOTHING_COUNTED, type SlidingCount, sum } from "./sliding_count.ts";
import type { State } from "./state.ts";

/** When there is a storm. */
export interface StormOptions {
  /**
   * Share of the targets that are up or down which must turn down: above 0, at most 1.
   *
   * @default {0.3}
   */
  readonly share: number;
  /**
   * Minimum number of targets that must turn down.
   *
   * @default {5}
   */
  readonly minimum: number;
  /**
   * Time window, in ms. The storm ends after this time without a turn, and after 5 times as long at the latest.
   *
   * @default {twice the largest interval of the group}
   */
  readonly within: number;
}

/** The state of a group: a plain value, never changed in place. */
export interface StormState {
  /** The targets that turned down lately; while there is a storm, none are counted. */
  readonly recent: SlidingCount;
  /** Turns before this time are not in `recent`. */
  readonly recentFrom: number;
  /** The storm, if there is one. */
  readonly storm: Storm | undefined;
}

/** A storm under way. */
interface Storm {
  readonly since: number;
  /** When the last target turned, up or down. */
  readonly lastTurn: number;
  /** Targets that turned down, each once. */
  readonly count: number;
  /** Targets that turned down at this time or later are in `count`. */
  readonly countedFrom: number;
}

/** A target has turned. */
export interface Turn {
  /** What it turned to. */
  readonly to: State;
  /** When it turned down the last time before; -Infinity if it never did. */
  readonly wasDownAt: number;
}

/** A storm has begun or ended. */
export interface StormChange {
  /** The kind of event. */
  readonly type: "storm";
  /** Whether it has begun. */
  readonly active: boolean;
  /** The number of targets that turned down: within the time window at its begin, since the begin at its end. */
  readonly count: number;
  /** The number of targets that are up or down. */
  readonly of: number;
  /** The time window at its begin, the duration of the storm at its end, in ms. */
  readonly within: number;
}

/** A new state, and what has changed. */
export interface StormJudgement {
  readonly state: StormState;
  readonly changes: readonly StormChange[];
}

const ENDS_AFTER = 5;
const NOTHING: readonly StormChange[] = [];

/** The state of a new group. */
export const CALM: StormState = { recent: NOTHING_COUNTED, recentFrom: -Infinity, storm: undefined };

/**
 * Judges whether there is a storm.
 *
 * @param state The state of the group so far.
 * @param turn The turn of a target; `undefined` if only time has passed.
 * @param known The number of targets of the group that are up or down now.
 * @param options The limits.
 * @param now The time: 0 or more, never less than before.
 * @returns The new state, and what has changed.
 */
export function judgeStorm(
  state: StormState,
  turn: Turn | undefined,
  known: number,
  options: StormOptions,
  now: number,
): StormJudgement {
  const { storm } = state;
  if (storm === undefined) return turn?.to === "down" ? collect(state, turn, known, options, now) : same(state);
  const { within } = options;
  if (now - storm.lastTurn >= within || now - storm.since >= ENDS_AFTER * within) {
    const after = judgeStorm({ ...CALM, recentFrom: now }, turn, known, options, now);
    return { state: after.state, changes: [...endStorm(state, known, now), ...after.changes] };
  }
  if (turn === undefined) return same(state);
  const isNews = turn.to === "down" && turn.wasDownAt < storm.countedFrom;
  return same({ ...state, storm: { ...storm, lastTurn: now, count: storm.count + Number(isNews) } });
}

/**
 * Ends the storm.
 *
 * @param state The state of the group so far.
 * @param known The number of targets of the group that are up or down now.
 * @param now The time.
 * @returns What has changed: nothing if there was no storm.
 */
export function endStorm({ storm }: StormState, known: number, now: number): readonly StormChange[] {
  if (storm === undefined) return NOTHING;
  return [{ type: "storm", active: false, count: storm.count, of: known, within: now - storm.since }];
}

/** Counts a target that turned down, and begins a storm if that makes one. */
function collect(
  { recent, recentFrom }: StormState,
  { wasDownAt }: Turn,
  known: number,
  { share, minimum, within }: StormOptions,
  now: number,
): StormJudgement {
  const begin = Math.max(recentFrom, beginning(within, now));
  // A target that turned down twice is one target.
  const others = wasDownAt < begin ? recent : count(recent, -1, wasDownAt, within, now);
  const counted = count(others, 1, now, within, now);
  const down = sum(counted, within, now);
  if (down < minimum || down < share * known) return same({ recent: counted, recentFrom, storm: undefined });
  return {
    state: { ...CALM, storm: { since: now, lastTurn: now, count: down, countedFrom: begin } },
    changes: [{ type: "storm", active: true, count: down, of: known, within }],
  };
}

function same(state: StormState): StormJudgement {
  return { state, changes: NOTHING };
}
