/** Interface to read the states of targets. */

import type { TargetState } from "./target_state.ts";

/** Current states of targets. A `Monitor` implements it. */
export interface StateSource {
  /** The state of a target; `undefined` if there is no such target. */
  get(id: string): TargetState | undefined;
  /** The states of all targets. */
  states(): Iterable<TargetState>;
}
