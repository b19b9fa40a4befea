/** Validation of a list's slices: one agent must be able to report on all targets of a slice in one message. */

import { shardOf, sliceOf } from "../assignment/shards.ts";
import { encode } from "../protocol/codec.ts";
import { MAX_MESSAGE_BYTES, SLICES } from "../protocol/limits.ts";
import { maxReportBytes, type ReportBatch } from "../protocol/target_reports.ts";

/** A message without reports. */
const EMPTY: ReportBatch = { boot: "0".repeat(16), epoch: Number.MAX_SAFE_INTEGER, reports: [] };

/**
 * Rejects a list if the last present agent, which has all targets, could not publish its reports, because the server
 * rejects messages that are too long.
 *
 * @param ids The ids of the targets.
 * @throws {RangeError} If the reports of a slice could exceed the size limit of a message.
 */
export function checkSlices(ids: Iterable<string>): void {
  const bytes = new Array<number>(SLICES).fill(encode(EMPTY).length);
  let targets = 0;
  for (const id of ids) {
    bytes[sliceOf(shardOf(id))] += maxReportBytes(id);
    targets++;
  }
  const most = Math.max(...bytes);
  if (most <= MAX_MESSAGE_BYTES) return;
  throw new RangeError(
    `The list of ${targets} targets is too long: a single agent would report ${most} bytes in one message of at ` +
      `most ${MAX_MESSAGE_BYTES}: remove targets, or shorten their ids`,
  );
}
