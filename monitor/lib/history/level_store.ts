/** Tables of the levels: addition of minutes, roll-up to coarser levels, and deletion of old steps. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { LEVELS, type LevelState } from "./levels.ts";
import { rollUp, upsert } from "./series_rows.ts";

/** Interval of the roll-up from minutes to hours, in ms, because a whole hour at once would delay readers. */
const ROLL_UP_EVERY = 600_000;

/** The tables of the levels. The methods run in the caller's transaction. */
export class LevelStore {
  readonly #add: readonly StatementSync[];
  readonly #rollUp: readonly StatementSync[];
  readonly #next: readonly StatementSync[];
  readonly #drop: readonly StatementSync[];
  readonly #last: readonly StatementSync[];
  readonly #row: readonly StatementSync[];
  readonly #states: StatementSync;
  readonly #setRolled: StatementSync;
  readonly #setDropped: StatementSync;

  /** @param db The database. */
  constructor(db: DatabaseSync) {
    const values = `VALUES (${Array(12).fill("?").join(", ")})`;
    this.#add = LEVELS.map(({ table }) => db.prepare(upsert(table, values)));
    this.#rollUp = LEVELS.slice(0, -1).map((_, level) => db.prepare(rollUp(level)));
    this.#next = LEVELS.map(({ table }) => db.prepare(`SELECT min(t) AS t FROM ${table} WHERE t >= ?`));
    this.#drop = LEVELS.map(({ table }) => db.prepare(`DELETE FROM ${table} WHERE t = ?`));
    this.#last = LEVELS.map(({ table }) => db.prepare(`SELECT max(t) AS t FROM ${table}`));
    this.#row = LEVELS.map(({ table }) => db.prepare(`SELECT 1 FROM ${table} WHERE t = ? AND key = ?`));
    this.#states = db.prepare("SELECT name, dropped, rolled FROM levels");
    this.#setRolled = db.prepare("UPDATE levels SET rolled = ? WHERE name = ?");
    // The maximum, because late rows are dropped again, and readers must not count deleted steps as stored.
    this.#setDropped = db.prepare("UPDATE levels SET dropped = max(dropped, ?) WHERE name = ?");
  }

  /** Returns the extent of each level, finest first. */
  states(): LevelState[] {
    const rows = this.#states.all() as { name: string; dropped: number; rolled: number }[];
    return LEVELS.map(({ table }) => rows.find(({ name }) => name === table)!);
  }

  /**
   * Adds the rows of a minute: `key` and the values, in the order of the columns.
   *
   * @param at A time in the minute, in ms since 1970. If it is before the last roll-up, as after a step of the clock,
   * the rows are also added to the coarser levels.
   * @param rows The rows.
   */
  addMinutes(at: number, rows: Iterable<readonly (number | null)[]>): void {
    const states = this.states();
    const levels = LEVELS.keys().filter((level) => level === 0 || at < states[level].rolled).toArray();
    const steps = levels.map((level) => Math.floor(at / LEVELS[level].step));
    for (const row of rows) {
      for (const [i, level] of levels.entries()) this.#add[level].run(steps[i], ...row);
    }
  }

  /**
   * Rolls up minutes to hours, and hours to days, if enough have accumulated. `until` is the start of the current
   * minute.
   */
  rollUp(until: number): void {
    const [, { rolled }] = this.states();
    if (until - rolled >= ROLL_UP_EVERY) this.#rollUpTo(1, until);
  }

  /**
   * Deletes the oldest step of a level. A step with finer rows is kept, because readers use a coarser row only where
   * finer rows were deleted.
   *
   * @param level The level.
   * @param before The step must end at this time or earlier, in ms since 1970.
   * @returns The number of deleted rows; 0 if there is no such step.
   */
  dropOldest(level: number, before: number): number {
    const { step, table } = LEVELS[level];
    const oldest = this.oldest(level);
    if (oldest === undefined || (oldest + 1) * step > before) return 0;
    const end = (oldest + 1) * step;
    const finer = level === 0 ? undefined : this.#nextStep(level - 1, 0);
    if (finer !== undefined && finer * LEVELS[level - 1].step < end) return 0;
    if (level + 1 < LEVELS.length && end > this.states()[level + 1].rolled) this.#rollUpTo(level + 1, end);
    this.#setDropped.run(end, table);
    return Number(this.#drop[level].run(oldest).changes);
  }

  /** Returns the oldest step of a level; `undefined` if the level is empty. */
  oldest(level: number): number | undefined {
    return this.#nextStep(level, 0);
  }

  /** Whether a target has a row. Rolled-up rows are not looked up, because their coarser row outlives them. */
  hasRows(key: number): boolean {
    const states = this.states();
    return LEVELS.some(({ step }, level) => {
      const first = this.#nextStep(level, (states[level + 1]?.rolled ?? 0) / step);
      const last = this.#last[level].get()!.t as number | null;
      if (first === undefined || last === null) return false;
      for (let t = last; t >= first; t--) if (this.#row[level].get(t, key) !== undefined) return true;
      return false;
    });
  }

  #rollUpTo(level: number, until: number): void {
    const { step } = LEVELS[level - 1];
    const { rolled } = this.states()[level];
    const end = Math.floor(until / step) * step;
    if (end <= rolled) return;
    for (let t = this.#nextStep(level - 1, rolled / step); t !== undefined && t * step < end;) {
      this.#rollUp[level - 1].run(t);
      t = this.#nextStep(level - 1, t + 1);
    }
    this.#setRolled.run(end, LEVELS[level].table);
    if (level + 1 < LEVELS.length) this.#rollUpTo(level + 1, Math.floor(end / LEVELS[level].step) * LEVELS[level].step);
  }

  #nextStep(level: number, t: number): number | undefined {
    return (this.#next[level].get(t)!.t as number | null) ?? undefined;
  }
}
