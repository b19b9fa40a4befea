/** SQL statements for the tables of the levels. */

import { LEVELS } from "./levels.ts";

/** All columns except the primary key. */
export const VALUES = "pass, fail, neutral, rtt_min, rtt_max, rtt_sum, up, down, unknown, maintenance";

const ADDED = ["pass", "fail", "neutral", "rtt_sum", "up", "down", "unknown", "maintenance"];

/**
 * Statement that inserts rows into a level, or adds them to existing rows. Sums are limited to JavaScript's greatest
 * safe integer, because greater values can't be read, and a fleet's agents may send any number of results.
 */
export function upsert(table: string, rows: string): string {
  const sums = ADDED.map((name) => `${name} = min(${name} + excluded.${name}, ${Number.MAX_SAFE_INTEGER})`);
  return `INSERT INTO ${table} (t, key, ${VALUES}) ${rows} ON CONFLICT (t, key) DO UPDATE SET ${sums.join(", ")},
    rtt_min = min(ifnull(rtt_min, excluded.rtt_min), ifnull(excluded.rtt_min, rtt_min)),
    rtt_max = max(ifnull(rtt_max, excluded.rtt_max), ifnull(excluded.rtt_max, rtt_max))`;
}

/** Statement that rolls up one step of a level into the next coarser level. Its parameter is the step. */
export function rollUp(level: number): string {
  const [from, to] = [LEVELS[level], LEVELS[level + 1]];
  return upsert(to.table, `SELECT t / ${to.step / from.step}, key, ${VALUES} FROM ${from.table} WHERE t = ?`);
}
