/** Read access to the states of targets. */

import type { TargetState } from "./target_state.ts";

/** Current states of targets. A `Monitor` implements it. */
export interface StateSource {
  /** Returns the state of a target; `undefined` if there is no such target. */
  get(id: string): TargetState | undefined;
  /** Returns the states of all targets. */
  states(): Iterable<TargetState>;
}
