/** Filter of targets: by state, group and text. */

import type { State } from "../state.ts";
import type { TargetState } from "../target_state.ts";

/** Values of a filter by state: states, and flags of targets that are up. */
export const STATE_FILTERS = ["up", "down", "unknown", "maintenance", "degraded", "flapping"] as const;

/** A state, or a flag. */
export type StateFilter = State | "degraded" | "flapping";

/** Criteria of a filter. An absent criterion accepts every target. */
export interface TargetFilter {
  /** States and flags, of which a target must have at least one. */
  readonly states?: readonly StateFilter[];
  /** The group; `""` for targets without a group. */
  readonly group?: string;
  /** Substring of the id, the address, the group or a label's value, ignoring case. */
  readonly text?: string;
}

/**
 * Creates the test of a filter.
 *
 * @param filter The filter.
 * @returns A function that returns whether a target matches.
 */
export function matcher({ states, group, text }: TargetFilter): (state: TargetState) => boolean {
  const wanted = new Set(states);
  const needle = text?.trim().toLowerCase() ?? "";
  return (state) =>
    (group === undefined || state.group === group) &&
    (wanted.size === 0 || hasState(state, wanted)) &&
    (needle === "" || hasText(state, needle));
}

function hasState({ state, degraded, flapping }: TargetState, wanted: ReadonlySet<StateFilter>): boolean {
  return wanted.has(state) || (degraded && wanted.has("degraded")) || (flapping && wanted.has("flapping"));
}

function hasText({ id, target, group, labels }: TargetState, needle: string): boolean {
  return [id, target, group, ...Object.values(labels)].some((text) => text.toLowerCase().includes(needle));
}
