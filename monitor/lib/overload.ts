/**
 * Overload detection: more checks are asked for than `rate` allows, or than this machine can do. It is a pure function
 * of the state, what the schedule asks for, and the time.
 */

/** The state of a monitor: a plain value, never changed in place. */
export interface OverloadState {
  readonly active: boolean;
  /** All slots that were skipped so far. */
  readonly skipped: number;
  /** Since when each look found more of them; `undefined` if the last one found none. */
  readonly skippingSince: number | undefined;
  /** When slots were last skipped, or more was asked for than is allowed. */
  readonly lastAt: number;
}

/** What the schedule asks for. */
export interface Load {
  /** Checks a second, were nothing stretched. */
  readonly demand: number;
  /** How many checks a second are allowed; Infinity if there is no limit. */
  readonly rate: number;
  /** All slots that were skipped so far. */
  readonly skipped: number;
}

/** An overload has begun or ended. */
export interface OverloadChange {
  readonly type: "overload";
  readonly active: boolean;
}

/** Slots that are skipped for so many ms are more than a pause of the process. */
const PATIENCE = 3000;
/** For how many ms all must be well until it ends. */
const CALM = 30_000;

/** No overload. */
export const NO_OVERLOAD: OverloadState = { active: false, skipped: 0, skippingSince: undefined, lastAt: -Infinity };

/**
 * Judges whether there is an overload. Call it about once a second.
 *
 * @param state The state so far.
 * @param load What the schedule asks for.
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
  const begins = isTooMuch || (skippingSince !== undefined && now - skippingSince >= PATIENCE);
  const active = begins || (state.active && now - lastAt < CALM);
  return {
    state: { active, skipped, skippingSince, lastAt },
    change: active === state.active ? undefined : { type: "overload", active },
  };
}
