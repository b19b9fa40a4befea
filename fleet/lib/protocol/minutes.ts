/**
 * Minutes: the numbers of passed, failed and neutral checks of each target within one minute, and the round-trip times,
 * in batches. Readers drop a batch whose `sequence` is not above the last one of the same agent and boot.
 */

import { array, type InferOutput, maxValue, minValue, nullable, object, pipe, strictTuple } from "valibot";
import { decode } from "./codec.ts";
import { boot, count, ms, targetId } from "./fields.ts";
import type { Malformed } from "./malformed.ts";

/** The maximum number of checks of a target in a minute, and the longest RTT in ms. */
const MAX_CHECKS = 1_000_000;
const MAX_RTT = 3_600_000;

const checks = pipe(count, maxValue(MAX_CHECKS));
const rtt = nullable(pipe(ms, maxValue(MAX_RTT)));

const row = strictTuple([targetId, checks, checks, checks, rtt, rtt, rtt]);

const schema = object({
  boot,
  /** Number of the batch: 1 for the first batch of a process. */
  sequence: pipe(count, minValue(1)),
  /** Number of batches that this process has dropped because its outbox was full. */
  dropped: count,
  /** The start of the minute by the agent's clock, in ms since 1970. */
  minute: ms,
  rows: array(row),
});

/** A target's minute: id; passed, failed and neutral checks; least, mean and greatest RTT in ms. */
export type MinuteRow = InferOutput<typeof row>;

/** A batch of minutes. */
export type MinuteBatch = InferOutput<typeof schema>;

/** Parses a batch of minutes. */
export function parseMinuteBatch(data: Uint8Array): MinuteBatch | Malformed {
  return decode(schema, data);
}
