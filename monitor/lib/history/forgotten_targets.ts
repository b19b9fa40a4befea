/** Removal of targets that nothing in the database refers to any more. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { LevelStore } from "./level_store.ts";

/** Targets that are looked up at once, at most: each costs a lookup per day that is kept. */
const MAX_CANDIDATES = 1000;

/** Removes targets in the caller's transaction. */
export class ForgottenTargets {
  readonly #levels: LevelStore;
  readonly #candidates: StatementSync;
  readonly #remove: StatementSync;

  /**
   * @param db The database.
   * @param levels Its levels.
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
   * Removes targets that have no state, no event and no row of a level.
   *
   * @returns Whether there were any.
   */
  remove(): boolean {
    const keys = this.#candidates.all().map(({ key }) => key as number).filter((key) => !this.#levels.hasRows(key));
    for (const key of keys) this.#remove.run(key);
    return keys.length > 0;
  }
}
