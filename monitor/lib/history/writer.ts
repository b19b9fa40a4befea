/** Writer of the history: one transaction per batch. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Maintenance, TargetState } from "../target_state.ts";
import { type Batch, MINUTE_FIELDS, STATE_FIELDS, STATES } from "./batch.ts";
import { OrphanedTargets } from "./orphaned_targets.ts";
import { LevelStore } from "./level_store.ts";
import type { ResolvedLimits } from "./retention.ts";
import { pragma } from "./schema.ts";
import type { SlotNames } from "./slot_names.ts";

/** Share of `maxSize` to use. The rest is reserved for the next batch. */
const FILL = 0.95;
/**
 * Maximum number of steps per level, and of events, that one batch deletes, because a clock that jumps ahead must not
 * empty the file, and other batches must not wait for long.
 */
const DROP_STEPS = 3;
const DROP_EVENTS = 1000;
/** Number of rows after which a transaction that shrinks the file ends: about 30 ms. */
const SHRINK_ROWS = 10_000;
/** Number of pages returned to the file system at once. */
const VACUUM_PAGES = 2000;

/** Writes batches to a database, and deletes old rows. */
export class Writer {
  readonly #db: DatabaseSync;
  readonly #limits: ResolvedLimits;
  readonly #names: SlotNames;
  readonly #boot: number;
  readonly #levels: LevelStore;
  readonly #orphaned: OrphanedTargets;
  readonly #keys = new Map<string, number>();
  /** The time of the last batch, in ms since 1970. */
  #writtenAt = 0;
  /** The oldest day after the last batch. */
  #oldestDay: number | undefined;
  readonly #statements: Record<
    "run" | "target" | "event" | "state" | "forget" | "forgetAll" | "dropEvents",
    StatementSync
  >;

  /**
   * Creates a writer.
   *
   * @param db The database.
   * @param limits The limits of the file.
   * @param names The targets of the slots.
   * @param boot The boot number of the monitor.
   */
  constructor(db: DatabaseSync, limits: ResolvedLimits, names: SlotNames, boot: number) {
    this.#db = db;
    this.#limits = limits;
    this.#names = names;
    this.#boot = boot;
    this.#levels = new LevelStore(db);
    this.#orphaned = new OrphanedTargets(db, this.#levels);
    this.#statements = {
      run: db.prepare(`INSERT INTO runs (boot, seen, clean, position) VALUES (?, ?, ?, ?)
        ON CONFLICT DO UPDATE SET seen = ?2, clean = ?3, position = ifnull(?4, position)`),
      // The no-op update makes RETURNING return the row of a known target, too.
      target: db.prepare("INSERT INTO targets (id) VALUES (?) ON CONFLICT (id) DO UPDATE SET id = id RETURNING key"),
      // OR IGNORE, because an event is written again if the reply to its batch was lost.
      event: db.prepare("INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)"),
      state: db.prepare(`INSERT OR REPLACE INTO states VALUES (${Array(12).fill("?").join(", ")})`),
      forget: db.prepare("DELETE FROM states WHERE key = ?"),
      forgetAll: db.prepare("DELETE FROM states"),
      dropEvents: db.prepare(`DELETE FROM events WHERE (boot, sequence) IN
        (SELECT boot, sequence FROM events WHERE at < ? ORDER BY at LIMIT ${DROP_EVENTS})`),
    };
  }

  /** The size of the file in bytes, without its write-ahead log. */
  get size(): number {
    return pragma(this.#db, "page_count") * pragma(this.#db, "page_size");
  }

  /**
   * Writes a batch in one transaction.
   *
   * @param batch The batch. Its names must be in the map already.
   * @throws {Error} If the batch can't be written.
   */
  write(batch: Batch): void {
    this.#transact(() => this.#writeAll(batch));
    this.#writtenAt = batch.at;
    this.#vacuum();
  }

  /** Whether the file must shrink, because `maxSize` was lowered, or the number of targets has grown. */
  get isTooLarge(): boolean {
    return this.#isTooFull || this.size > this.#limits.maxSize;
  }

  /**
   * Deletes a few of the oldest steps, and returns their pages to the file system.
   *
   * @returns Whether anything was deleted or returned.
   * @throws {Error} If the file can't be written.
   */
  shrink(): boolean {
    const size = this.size;
    const rows = this.#transact(() => {
      let rows = 0;
      while (rows < SHRINK_ROWS && this.#isTooFull) {
        const dropped = this.#dropOldest(this.#writtenAt);
        if (dropped === 0) break;
        rows += dropped;
      }
      return rows;
    });
    this.#vacuum();
    return rows > 0 || this.size < size;
  }

  #transact<Value>(act: () => Value): Value {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const value = act();
      this.#db.exec("COMMIT");
      return value;
    } catch (error) {
      // A failed COMMIT may have rolled back.
      if (this.#db.isTransaction) this.#db.exec("ROLLBACK");
      this.#keys.clear();
      throw error;
    }
  }

  #vacuum(): void {
    // all(), because each step of this statement returns one page, and exec() makes only one step.
    if (this.size > this.#limits.maxSize) this.#db.prepare(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`).all();
  }

  #writeAll(batch: Batch): void {
    this.#statements.run.run(this.#boot, batch.at, Number(batch.isLast), batch.position ?? null);
    for (const { sequence, at, slot, json } of batch.events) {
      this.#statements.event.run(this.#boot, sequence, at, slot === undefined ? null : this.#key(slot), json);
    }
    this.#writeStates(batch);
    for (const { from, rows } of batch.counted) this.#levels.addMinutes(from, this.#minuteRows(rows));
    if (batch.minutes === undefined) return;
    const { from, rows } = batch.minutes;
    this.#levels.addMinutes(from, this.#minuteRows(rows));
    this.#levels.rollUp(Math.floor(from / 60_000) * 60_000);
    this.#drop(batch.at);
  }

  #writeStates({ states, maintenances, removed, isComplete }: Batch): void {
    if (isComplete) this.#statements.forgetAll.run();
    for (const slot of removed) this.#statements.forget.run(this.#key(slot));
    const details = new Map(maintenances);
    for (let i = 0; i < states.length; i += STATE_FIELDS) {
      const [slot, state, ...numbers] = states.subarray(i, i + STATE_FIELDS);
      const maintenance = details.get(slot);
      const text = maintenance === undefined ? null : JSON.stringify(maintenance);
      this.#statements.state.run(this.#key(slot), this.#names.target(slot), STATES[state], ...numbers, text);
    }
  }

  *#minuteRows(rows: Float64Array): Generator<(number | null)[], void> {
    for (let i = 0; i < rows.length; i += MINUTE_FIELDS) {
      const [slot, pass, fail, neutral, min, max, sum, ...times] = rows.subarray(i, i + MINUTE_FIELDS);
      yield [this.#key(slot), pass, fail, neutral, micros(min), micros(max), micros(sum), ...times.map(Math.round)];
    }
  }

  #key(slot: number): number {
    const id = this.#names.id(slot);
    let key = this.#keys.get(id);
    if (key === undefined) this.#keys.set(id, key = this.#statements.target.get(id)!.key as number);
    return key;
  }

  /** Deletes expired rows, then the oldest rows until the file is small enough. */
  #drop(now: number): void {
    const { retention } = this.#limits;
    for (const [level, time] of [retention.minutes, retention.hours, retention.days].entries()) {
      for (let i = 0; i < DROP_STEPS && this.#levels.dropOldest(level, now - time); i++);
    }
    this.#statements.dropEvents.run(now - retention.events);
    for (let i = 0; i < DROP_STEPS && this.#isTooFull && this.#dropOldest(now) > 0; i++);
    this.#removeOrphans();
  }

  /** Deletes orphaned targets, only after a day was deleted, because no row outlives its day. */
  #removeOrphans(): void {
    const oldest = this.#levels.oldest(2);
    const isDropped = this.#oldestDay !== undefined && oldest !== undefined && oldest > this.#oldestDay;
    this.#oldestDay = oldest;
    if (isDropped && this.#orphaned.remove()) this.#keys.clear();
  }

  /** Deletes the oldest step, or the oldest events, and returns the number of rows. */
  #dropOldest(now: number): number {
    // The current minute, hour and day are kept, because rows are still added to them.
    return this.#levels.dropOldest(0, now - 60_000) || this.#levels.dropOldest(1, now - 3_600_000) ||
      Number(this.#statements.dropEvents.run(now).changes) || this.#levels.dropOldest(2, now - 86_400_000);
  }

  get #isTooFull(): boolean {
    const used = pragma(this.#db, "page_count") - pragma(this.#db, "freelist_count");
    return used * pragma(this.#db, "page_size") > FILL * this.#limits.maxSize;
  }
}

/** Reads the states that a monitor restores. */
export function readStates(db: DatabaseSync): TargetState[] {
  const rows = db.prepare("SELECT id, states.* FROM states JOIN targets USING (key)").all();
  return rows.map(({ key: _, rtt_sum, maintenance, ...row }) => ({
    ...row as unknown as TargetState,
    group: "",
    labels: {},
    degraded: false,
    flapping: false,
    rttSum: rtt_sum as number,
    ...maintenance !== null && { maintenance: JSON.parse(maintenance as string) as Maintenance },
  }));
}

/** Returns the boot number of the last monitor; 0 if there is none. */
export function lastBoot(db: DatabaseSync): number {
  return db.prepare("SELECT ifnull(max(boot), 0) AS boot FROM runs").get()!.boot as number;
}

/** Returns the position of the newest run that has one. */
export function lastPosition(db: DatabaseSync): number | undefined {
  const row = db.prepare("SELECT position FROM runs WHERE position IS NOT NULL ORDER BY boot DESC LIMIT 1").get();
  return row?.position as number | undefined;
}

/** Converts an RTT to us, because an integer takes less space. */
function micros(ms: number): number | null {
  return Number.isNaN(ms) ? null : Math.round(ms * 1000);
}
