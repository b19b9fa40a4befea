/** Target that an agent checks. */

import type { ListedTarget } from "../list/target_line.ts";

/** Numbers of consecutive results that change a target's state. */
export interface Thresholds {
  readonly rise: number;
  readonly fall: number;
}

/** A target that an agent checks. */
export interface AssignedTarget {
  readonly target: ListedTarget;
  readonly thresholds: Thresholds;
}
