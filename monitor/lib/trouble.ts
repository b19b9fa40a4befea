/**
 * Trouble detection: most results are neutral, so this host can't check. It is a pure function of the state, the
 * results since it was last called, the options and the time.
 */

import { count, NOTHING_COUNTED, type SlidingCount, sum } from "./sliding_count.ts";

/** When there is trouble. */
export interface TroubleOptions {
  /**
   * More than which share of the results is neutral: above 0, less than 1. It ends at half that share.
   *
   * @default {0.5}
   */
  readonly share: number;
  /**
   * And how many are, at least.
   *
   * @default {2}
   */
  readonly minimum: number;
  /**
   * Within how many ms.
   *
   * @default {twice the largest interval}
   */
  readonly within: number;
}

/** The state of a monitor: a plain value, never changed in place. */
export interface TroubleState {
  readonly active: boolean;
  readonly all: SlidingCount;
  readonly neutral: SlidingCount;
  /** The most frequent reason of the last neutral results. */
  readonly reason: string;
}

/** The results since the last call. */
export interface Results {
  /** How many there were. */
  readonly all: number;
  /** How many of them were neutral, by reason: `"EMFILE"`, `"EAI_AGAIN"`. */
  readonly neutral: ReadonlyMap<string, number>;
}

/** Trouble has begun or ended. */
export interface TroubleChange {
  readonly type: "trouble";
  readonly active: boolean;
  /** How many results were neutral within the time. */
  readonly count: number;
  /** Of how many. */
  readonly of: number;
  /** The most frequent reason. */
  readonly reason: string;
}

/** Nothing was checked. */
export const NO_TROUBLE: TroubleState = {
  active: false,
  all: NOTHING_COUNTED,
  neutral: NOTHING_COUNTED,
  reason: "",
};

/**
 * Judges whether there is trouble. Call it about once a second.
 *
 * @param state The state so far.
 * @param results The results since the last call.
 * @param options What is trouble.
 * @param now The time: 0 or more, never less than before.
 * @returns The new state, and what has changed.
 */
export function judgeTrouble(
  state: TroubleState,
  results: Results,
  { share, minimum, within }: TroubleOptions,
  now: number,
): { state: TroubleState; change: TroubleChange | undefined } {
  const all = count(state.all, results.all, now, within, now);
  const reasons = [...results.neutral];
  const neutral = count(state.neutral, reasons.reduce((sum, [, times]) => sum + times, 0), now, within, now);
  const [reason] = reasons.reduce((most, other) => other[1] > most[1] ? other : most, [state.reason, 0]);
  const [some, total] = [sum(neutral, within, now), sum(all, within, now)];
  const active = state.active ? some > total * share / 2 : some >= minimum && some > total * share;
  return {
    state: { active, all, neutral, reason },
    change: active === state.active ? undefined : { type: "trouble", active, count: some, of: total, reason },
  };
}
