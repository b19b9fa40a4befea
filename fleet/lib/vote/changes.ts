/** Changes between two verdicts of the fleet on a target. */

import type { Dissent, FleetVerdict } from "./verdict.ts";

/** A change of the verdict, or of the disagreement. */
export type FleetChange =
  | {
    readonly type: "transition";
    readonly from: FleetVerdict["state"];
    readonly to: FleetVerdict["state"];
    readonly agree: number;
    readonly present: number;
  }
  /** Witnesses began to disagree, disagree in other zones, or ceased to disagree. */
  | { readonly type: "disagreement"; readonly active: true; readonly dissent: Dissent }
  | { readonly type: "disagreement"; readonly active: false };

/** The verdict before there is any vote. */
export const NO_VERDICT: FleetVerdict = { state: "unknown", agree: 0, present: 0 };

/**
 * Compares two verdicts on a target.
 *
 * @param before The verdict before.
 * @param after The verdict after.
 * @returns The changes, the transition first.
 */
export function fleetChanges(before: FleetVerdict, after: FleetVerdict): FleetChange[] {
  const changes: FleetChange[] = [];
  const { state, agree, present, dissent } = after;
  if (before.state !== state) changes.push({ type: "transition", from: before.state, to: state, agree, present });
  if (isSame(before.dissent, dissent)) return changes;
  changes.push(
    dissent === undefined ? { type: "disagreement", active: false } : { type: "disagreement", active: true, dissent },
  );
  return changes;
}

function isSame(a: Dissent | undefined, b: Dissent | undefined): boolean {
  return a?.state === b?.state && a?.zones.join() === b?.zones.join();
}
