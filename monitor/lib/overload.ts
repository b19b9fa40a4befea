/**
 * Overload detection: more checks are due than `rate` or this machine allows. A pure function of the state, the demand
 * of the schedule, and the time.
 */

/** Immutable state of the detection. */
export interface OverloadState {
  readonly active: boolean;
  /** The number of slots skipped since the start. */
  readonly skipped: number;
  /** The time since which every call found newly skipped slots; `undefined` if the last call found none. */
  readonly skippingSince: number | undefined;
  /** When slots were last skipped, or the demand was last above the rate. */
  readonly lastAt: number;
}

/** Demand of the schedule. */
export interface Load {
  /** Checks per second that are due, without the effect of an overload. */
  readonly demand: number;
  /** The maximum number of checks per second; `Infinity` without a limit. */
  readonly rate: number;
  /** The number of slots skipped since the start. */
  readonly skipped: number;
}

/** An overload began or ended. */
export interface OverloadChange {
  readonly type: "overload";
  readonly active: boolean;
}

/** Time in ms for which slots must be skipped until it counts as an overload; a pause of the process is shorter. */
const MAX_SKIPPING = 3000;
/** Time in ms without skipped slots and excess demand after which an overload ends. */
const RECOVERY = 30_000;

/** No overload. */
export const NO_OVERLOAD: OverloadState = { active: false, skipped: 0, skippingSince: undefined, lastAt: -Infinity };

/**
 * Decides whether there is an overload. Called about once per second.
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
