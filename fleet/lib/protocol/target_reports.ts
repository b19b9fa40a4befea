/**
 * Target reports: an agent's current states of the targets of one slice, as one message under the key
 * `reports.AGENT.SLICE`. A message replaces the previous one: if a target is absent, the agent has no report on it.
 */

import { array, type InferOutput, minValue, nullable, object, picklist, pipe, strictTuple } from "valibot";
import { decode, encode } from "./codec.ts";
import { boot, count, ms, targetId, text } from "./fields.ts";
import type { Malformed } from "./malformed.ts";

const report = strictTuple([
  targetId,
  /** `"unknown"` is no vote: see `mayVote()`. */
  picklist(["up", "down", "unknown"]),
  /** When the state began, by the agent's clock, in ms since 1970. For display only. */
  ms,
  /** The `sequence` of the event that caused the state; 0 without an event. */
  count,
  /** Number of checks that passed or failed in this epoch. */
  count,
  /** The reason if the state is down: an error code, or the status of the check; else `null`. */
  nullable(text),
]);

const schema = object({
  /** The process, as in the lease. */
  boot,
  /** The epoch, as in the lease. The reports count only while the lease has the same epoch. */
  epoch: pipe(count, minValue(1)),
  /** One report per target. */
  reports: array(report),
});

/** A report: id, state, since, sequence, results, reason. */
export type TargetReport = InferOutput<typeof report>;

/** An agent's reports on the targets of one slice. */
export type ReportBatch = InferOutput<typeof schema>;

/** The maximum size of a report without its id, including the separator, in bytes. */
const MAX_VALUES = encode(["unknown", 9_999_999_999_999, 9_999_999_999, 9_999_999_999, "unreachable"]).length + 2;

/** Returns the maximum size of a report on a target, in bytes. */
export function maxReportBytes(id: string): number {
  return encode(id).length + MAX_VALUES;
}

/** Parses the reports of a slice. */
export function parseReportBatch(data: Uint8Array): ReportBatch | Malformed {
  return decode(schema, data);
}
