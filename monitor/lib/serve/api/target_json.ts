/** JSON form of a target. */

import { milliseconds } from "../../milliseconds.ts";
import type { TargetState } from "../../target_state.ts";

/** Names of its fields. */
export const TARGET_FIELDS = [
  "id",
  "target",
  "group",
  "labels",
  "state",
  "turning",
  "degraded",
  "flapping",
  "since",
  "result",
  "reason",
  "witnesses",
  "checks",
  "failures",
  "neutral",
  "reports",
  "transitions",
  "rttSum",
  "downtime",
  "maintenance",
] as const satisfies readonly (keyof TargetState)[];

/** A name of a field. */
export type TargetField = typeof TARGET_FIELDS[number];

/**
 * Converts the state of a target to JSON, with times in RFC 3339.
 *
 * @param state The state.
 * @param fields The fields to include; all by default.
 */
export function targetJson(
  state: TargetState,
  fields: readonly TargetField[] = TARGET_FIELDS,
): Readonly<Record<string, unknown>> {
  return Object.fromEntries(fields.map((name) => [name, valueOf(state, name)]));
}

function valueOf(state: TargetState, name: TargetField): unknown {
  if (name === "since") return new Date(state.since).toISOString();
  if (name === "witnesses") {
    return state.witnesses?.map((witness) => ({ ...witness, since: new Date(witness.since).toISOString() }));
  }
  if (name === "maintenance" && state.maintenance?.until !== undefined) {
    return { ...state.maintenance, until: new Date(state.maintenance.until).toISOString() };
  }
  const value = state[name];
  return typeof value === "number" ? milliseconds(value) : value;
}
