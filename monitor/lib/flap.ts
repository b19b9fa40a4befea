/** Flap detection: finds targets that change between up and down too often. */

import type { VerdictState } from "./state.ts";
import type { FlapOptions } from "./verdict_options.ts";

/**
 * Returns whether a target is flapping. Hysteresis: flapping begins at `transitions` transitions within `within` ms,
 * and ends at less than half as many.
 *
 * @param state The target's state.
 * @param options The limits.
 * @param now The time.
 */
export function flaps(
  { transitionTimes, flapping }: VerdictState,
  { transitions, within }: FlapOptions,
  now: number,
): boolean {
  let recent = 0;
  for (let i = transitionTimes.length - 1; i >= 0 && now - transitionTimes[i] <= within; i--) recent++;
  return flapping ? recent >= transitions / 2 : recent >= transitions;
}
