/**
 * Overload detection: more checks are due than `rate` allows, or than this machine can make. A pure function of the
 * state, the demand of the schedule, and the time.
 */

/** The state of a monitor: a plain value, never changed in place. */
export interface OverloadState {
  readonly active: boolean;
  /** The number of slots that were skipped since the start. */
  readonly skipped: number;
  /** The time since which each call found newly skipped slots; `undefined` if the last call found none. */
  readonly skippingSince: number | undefined;
  /** When slots were last skipped, or the demand was last above the rate. */
  readonly lastAt: number;
}

/** Demand of the schedule. */
export interface Load {
  /** Checks per second that are due, without the effect of an overload. */
  readonly demand: number;
  /** The limit of checks a second; Infinity if there is none. */
  readonly rate: number;
  /** The number of slots that were skipped since the start. */
  readonly skipped: number;
}

/** An overload has begun or ended. */
export interface OverloadChange {
  readonly type: "overload";
  readonly active: boolean;
}

/** Time in ms for which slots are skipped until it is an overload, and not a pause of the process. */
const MAX_SKIPPING = 3000;
/** Time in ms without skipped slots and excess demand after which an overload ends. */
const RECOVERY = 30_000;

/** No overload. */
export const NO_OVERLOAD: OverloadState = { active: false, skipped: 0, skippingSince: undefined, lastAt: -Infinity };

/**
 * Judges whether there is an overload. Call it about once a second.
 *
 * @param state The state so far.
 * @param load The demand of the schedule.
 * @param now The time, never less than before.
 * @returns The new state, and what has changed.
 */
export function judgeOverload(
  state: OverloadState,
  { demand, rate, skipped }: Load,
  now: number,
): { state: OverloadState; change: OverloadChange | undefined } {
  const isSkipping = skipped > state.skipped;
  const skippingSince = isSkipping ? state.skippingSince ?? now : undefined;
  const isTooMuch = demand > rate;
  const lastAt = isSkipping || isTooMuch ? now : state.lastAt;
  const begins = isTooMuch || (skippingSince !== undefined && now - skippingSince >= MAX_SKIPPING);
  const active = begins || (state.active && now - lastAt < RECOVERY);
  return {
    state: { active, skipped, skippingSince, lastAt },
    change: active === state.active ? undefined : { type: "overload", active },
  };
}
