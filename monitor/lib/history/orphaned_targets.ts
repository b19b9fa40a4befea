/** Orphaned targets: rows of the table `targets` to which no other row refers. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LevelStore } from "./level_store.ts";

/** Maximum number of targets per call. Each costs one lookup per stored day. */
const MAX_CANDIDATES = 1000;

/** Finds and deletes orphaned targets, in the caller's transaction. */
export class OrphanedTargets {
  readonly #levels: LevelStore;
  readonly #candidates: StatementSync;
  readonly #remove: StatementSync;

  /**
   * @param db The database.
   * @param levels The tables of the series.
   */
  constructor(db: DatabaseSync, levels: LevelStore) {
    this.#levels = levels;
    this.#candidates = db.prepare(`SELECT key FROM targets
      WHERE NOT EXISTS (SELECT 1 FROM states WHERE states.key = targets.key)
      AND NOT EXISTS (SELECT 1 FROM events WHERE events.key = targets.key)
      ORDER BY key LIMIT ${MAX_CANDIDATES}`);
    this.#remove = db.prepare("DELETE FROM targets WHERE key = ?");
  }

  /**
   * Deletes targets that have no state, no event and no row of a level.
   *
   * @returns Whether there were any.
   */
  remove(): boolean {
    const keys = this.#candidates.all().map(({ key }) => key as number).filter((key) => !this.#levels.hasRows(key));
    for (const key of keys) this.#remove.run(key);
    return keys.length > 0;
  }
}
