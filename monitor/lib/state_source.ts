/** The states of targets, as sinks and others read them. */

import type { TargetState } from "./target_state.ts";

/** The current states of targets. A `Monitor` has them. */
export interface StateSource {
  /** The state of a target; `undefined` if there is no such target. */
  get(id: string): TargetState | undefined;
  /** The states of all targets. */
  states(): Iterable<TargetState>;
}
