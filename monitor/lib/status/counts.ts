/** Numbers of targets by state. */

import type { State } from "../state.ts";
import type { TargetState } from "../target_state.ts";

/** Numbers of targets by state, and with each flag. */
export interface Counts extends Readonly<Record<State, number>> {
  /** All targets. */
  readonly targets: number;
  /** Targets that are degraded. */
  readonly degraded: number;
  /** Targets that are flapping. */
  readonly flapping: number;
}

/** Counts targets. */
export class Counter implements Counts {
  targets = 0;
  up = 0;
  down = 0;
  unknown = 0;
  maintenance = 0;
  degraded = 0;
  flapping = 0;

  /** Counts a target; -1 removes it from the counts. */
  add({ state, degraded, flapping }: Pick<TargetState, "state" | "degraded" | "flapping">, by: 1 | -1 = 1): void {
    this.targets += by;
    this[state] += by;
    if (degraded) this.degraded += by;
    if (flapping) this.flapping += by;
  }
}
