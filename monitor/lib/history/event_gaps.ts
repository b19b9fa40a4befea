/** Gaps in the stored events. */

import type { DatabaseSync } from "node:sqlite";
import { parseEventId } from "./event_id.ts";

/** Number of events after the given one that are examined. */
const LOOKED_AT = 10_000;

/**
 * Returns whether an event and the next ones are all stored; see {@linkcode HistoryReader.hasAllAfter}. Sequences of a
 * run begin with 1 and have no gaps, so a missing number is a missing event.
 *
 * @param db The database.
 * @param id The event's id.
 * @param boot The current run. An earlier run that was killed has not written its last events.
 */
export function hasAllAfter(db: DatabaseSync, id: string, boot: number): boolean {
  const parsed = parseEventId(id);
  if (parsed === undefined || !isKnown(db, ...parsed)) return false;
  const [begin, sequence] = parsed;
  const killed = db.prepare("SELECT 1 FROM runs WHERE boot >= ? AND boot < ? AND clean = 0 LIMIT 1").get(begin, boot);
  if (killed !== undefined) return false;
  const runs = db.prepare(`SELECT boot, min(sequence) AS first, max(sequence) AS last, count(*) AS count FROM
    (SELECT boot, sequence FROM events WHERE (boot, sequence) > (?, ?) ORDER BY boot, sequence LIMIT ${LOOKED_AT})
    GROUP BY boot`).all(begin, sequence) as { boot: number; first: number; last: number; count: number }[];
  return runs.every((run) =>
    run.first === (run.boot === begin ? sequence : 0) + 1 && run.last - run.first + 1 === run.count
  );
}

function isKnown(db: DatabaseSync, boot: number, sequence: number): boolean {
  const known = sequence === 0
    ? db.prepare("SELECT 1 FROM runs WHERE boot = ?").get(boot)
    : db.prepare("SELECT 1 FROM events WHERE boot = ? AND sequence = ?").get(boot, sequence);
  return known !== undefined;
}
