/** Conversion of an agent's minutes to results for the history of a hub. */

import type { CountedResults, CountedRow } from "@tcp-shaker/monitor/history";
import type { MinuteBatch, MinuteRow } from "../protocol/minutes.ts";

const MINUTE = 60_000;
/** Maximum age of a minute at the time of its message, in ms: the retention of minutes in the history. */
const MAX_AGE = 48 * 3_600_000;

/**
 * Converts a batch of minutes to results that a history can store.
 *
 * @param batch The batch.
 * @param stored When the server stored the batch, in ms since 1970. A minute that starts later is replaced by the
 * minute of this time, because the agent's clock is fast.
 * @param position The sequence of the batch's message.
 * @returns The results; without rows if the minute is too old.
 */
export function countedResults({ minute, rows }: MinuteBatch, stored: number, position: number): CountedResults {
  return {
    minute: Math.min(minute, Math.floor(stored / MINUTE) * MINUTE),
    rows: minute < stored - MAX_AGE ? [] : rows.map(countedRow),
    position,
  };
}

function countedRow([id, pass, fail, neutral, min, mean, max]: MinuteRow): CountedRow {
  const rtt = min !== null && mean !== null && max !== null && { rtt: { min, mean, max } };
  return { id, pass, fail, neutral, ...rtt };
}
