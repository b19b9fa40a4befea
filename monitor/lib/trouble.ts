/**
 * Trouble detection: most results are neutral, so this host can't check. A pure function of the state, the results
 * since the last call, the options and the time.
 */

import { count, NOTHING_COUNTED, type SlidingCount, sum } from "./sliding_count.ts";

/** Limits of trouble. */
export interface TroubleOptions {
  /**
   * Share of neutral results above which trouble begins: above 0, at most 1. It ends at half that share.
   *
   * @default {0.5}
   */
  readonly share: number;
  /**
   * Minimum number of neutral results.
   *
   * @default {2}
   */
  readonly minimum: number;
  /**
   * Time window, in ms.
   *
   * @default {twice the mean interval, rounded up to a power of two}
   */
  readonly within: number;
}

/** Immutable state of the detection. */
export interface TroubleState {
  readonly active: boolean;
  readonly all: SlidingCount;
  readonly neutral: SlidingCount;
  /** The most frequent reason when neutral results were last counted. */
  readonly reason: string;
}

/** The results since the last call. */
export interface Results {
  /** The number of results. */
  readonly all: number;
  /** The number of neutral results, by reason: `"EMFILE"`, `"EAI_AGAIN"`. */
  readonly neutral: ReadonlyMap<string, number>;
}

/** Trouble began or ended. */
export interface TroubleChange {
  readonly type: "trouble";
  readonly active: boolean;
  /** The number of neutral results within the time window. */
  readonly count: number;
  /** The number of all results within the time window. */
  readonly of: number;
  /** The most frequent reason. */
  readonly reason: string;
}

/** The state before the first check. */
export const NO_TROUBLE: TroubleState = {
  active: false,
  all: NOTHING_COUNTED,
  neutral: NOTHING_COUNTED,
  reason: "",
};

/**
 * Decides whether there is trouble. Called about once per second.
 *
 * @param state The state so far.
 * @param results The results since the last call.
 * @param options The limits.
 * @param now The time: 0 or more, never decreasing.
 * @returns The new state, and the change, if any.
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
