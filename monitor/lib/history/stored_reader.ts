/** Reader of the database: synchronous queries of events, series and uptime. */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EventQuery, SeriesPoint, SeriesQuery, StoredEvent, UptimeQuery } from "./reader.ts";
import { hasAllAfter } from "./event_gaps.ts";
import { parseEventId } from "./event_id.ts";
import { LEVELS, type LevelState, type Segment, segments } from "./levels.ts";
import { VALUES } from "./series_rows.ts";
import type { Run } from "./outages.ts";
import { type StateTimes, type Uptime, uptimeOf } from "./uptime.ts";

/** Maximum number of points of a series: the minutes of a week. */
const MAX_POINTS = 10_080;
/** Maximum number of rows that are looked up one by one, because a scan is cheaper for more. */
const MAX_LOOKUPS = 20_000;

/** A row of a level. */
interface Row extends StateTimes {
  readonly t: number;
  readonly pass: number;
  readonly fail: number;
  readonly neutral: number;
  readonly rtt_min: number | null;
  readonly rtt_max: number | null;
  readonly rtt_sum: number;
}

/** Reads a database. */
export class StoredReader {
  readonly #db: DatabaseSync;
  /** The first and the last step of each level. */
  readonly #ranges: readonly StatementSync[];
  /** The row of a target in a step of each level. */
  readonly #lookups: readonly StatementSync[];

  /** @param db The database. */
  constructor(db: DatabaseSync) {
    this.#db = db;
    // Two subqueries, because for min() and max() in one SELECT SQLite reads the whole table.
    this.#ranges = LEVELS.map(({ table }) =>
      db.prepare(`SELECT (SELECT min(t) FROM ${table}) AS first, (SELECT max(t) FROM ${table}) AS last`)
    );
    this.#lookups = LEVELS.map(({ table }) => db.prepare(`SELECT t, ${VALUES} FROM ${table} WHERE t = ? AND key = ?`));
  }

  /** Reads events; see {@linkcode HistoryReader.events}. */
  events({ after, target, from, to, limit, newestFirst = false }: EventQuery): StoredEvent[] {
    const conditions: string[] = [];
    const values: number[] = [];
    const add = (condition: string, ...more: number[]) => (conditions.push(condition), values.push(...more));
    if (after !== undefined) {
      const id = parseEventId(after);
      if (id === undefined) throw new RangeError(`after must be the id of an event, it is ${JSON.stringify(after)}`);
      add(`(boot, sequence) ${newestFirst ? "<" : ">"} (?, ?)`, ...id);
    }
    if (target !== undefined) {
      const key = this.#key(target);
      if (key === undefined) return [];
      add("key = ?", key);
    }
    if (from !== undefined) add("at >= ?", from);
    if (to !== undefined) add("at < ?", to);
    const order = newestFirst ? "DESC" : "ASC";
    const rows = this.#db.prepare(`SELECT boot, sequence, at, json FROM events
      ${conditions.length > 0 ? `WHERE ${conditions.join(" AND ")}` : ""}
      ORDER BY boot ${order}, sequence ${order} LIMIT ?`).all(...values, limit);
    return rows.map(({ boot, sequence, at, json }) => ({
      id: `${boot}-${sequence}`,
      at: at as number,
      json: json as string,
    }));
  }

  /** Returns whether the next events are all stored; see {@linkcode HistoryReader.hasAllAfter}. */
  hasAllAfter(id: string, boot: number): boolean {
    return hasAllAfter(this.#db, id, boot);
  }

  /** Reads the series of a target; see {@linkcode HistoryReader.series}. */
  series(id: string, { from, to, step }: SeriesQuery): SeriesPoint[] {
    if (!(step > 0 && step % LEVELS[0].step === 0)) {
      throw new RangeError(`step must be a multiple of a minute, it is ${step} ms`);
    }
    const start = Math.floor(from / step) * step;
    const count = Math.max(0, Math.ceil((to - start) / step));
    if (count > MAX_POINTS) throw new RangeError(`A series has at most ${MAX_POINTS} points, not ${count}: raise step`);
    const sums = Array.from({ length: count }, (_, i) => new PointSum(start + i * step));
    const key = this.#key(id);
    if (key === undefined) return sums.map((sum) => sum.point());
    const level = LEVELS.findLastIndex((level) => step % level.step === 0);
    for (const segment of segments(this.#levels(), level, start, start + count * step)) {
      for (const row of this.#rowsOf(key, segment)) {
        sums[Math.floor((row.t * LEVELS[segment.level].step - start) / step)].add(row);
      }
    }
    return sums.map((sum) => sum.point());
  }

  /** Adds up times; see {@linkcode HistoryReader.uptime}. */
  uptime({ from, to, ids }: UptimeQuery): Map<string, Uptime> {
    const wanted = segments(this.#levels(), LEVELS.length - 1, from, to);
    const times = ids === undefined ? this.#timesOfAll(wanted) : this.#timesOf(ids, wanted);
    return new Map(times.entries().map(([id, sum]) => [id, uptimeOf(sum, to - from)]));
  }

  /** Returns whether a target was down when a run was last seen, within the resolution of the stored rows. */
  wasDown(id: string, { boot, seen }: Run): boolean {
    const key = this.#key(id);
    if (key === undefined) return false;
    const finest = this.#levels().findIndex(({ dropped }, level) => seen - LEVELS[level].step >= dropped);
    const level = finest < 0 ? LEVELS.length - 1 : finest;
    const { step } = LEVELS[level];
    const last = Math.floor(seen / step);
    // Two steps, because a killed run has not written its last minute.
    return [last, last - 1].some((t) => {
      const row = (t + 1) * step > boot ? this.#lookups[level].get(t, key) : undefined;
      return row !== undefined && row.down as number > 0;
    });
  }

  #timesOfAll(wanted: readonly Segment[]): Map<string, StateTimes> {
    const sums = new Map<number, Times>();
    for (const { level, from, to } of wanted) {
      const { table, step } = LEVELS[level];
      const rows = this.#db.prepare(`SELECT key, sum(up) AS up, sum(down) AS down, sum(unknown) AS unknown,
        sum(maintenance) AS maintenance FROM ${table} WHERE t >= ? AND t < ? GROUP BY key`);
      // A step belongs to the range if it begins in the range.
      for (const row of rows.iterate(Math.ceil(from / step), Math.ceil(to / step))) {
        const { key, ...times } = row as unknown as StateTimes & { key: number };
        add(sums, key, times);
      }
    }
    const names = this.#db.prepare("SELECT id FROM targets WHERE key = ?");
    return new Map(sums.entries().map(([key, times]) => [names.get(key)!.id as string, times]));
  }

  #timesOf(ids: readonly string[], wanted: readonly Segment[]): Map<string, StateTimes> {
    const steps = wanted.reduce((sum, { level, from, to }) => sum + (to - from) / LEVELS[level].step, 0);
    if (ids.length * steps > MAX_LOOKUPS) {
      const all = this.#timesOfAll(wanted);
      return new Map(ids.flatMap((id) => all.has(id) ? [[id, all.get(id)!]] : []));
    }
    const sums = new Map<string, Times>();
    for (const id of ids) {
      const key = this.#key(id);
      if (key === undefined) continue;
      for (const segment of wanted) for (const row of this.#rowsOf(key, segment)) add(sums, id, row);
    }
    return sums;
  }

  /** Looks up the rows of a target step by step, because the primary key begins with the time, for fast writing. */
  *#rowsOf(key: number, { level, from, to }: Segment): Generator<Row, void> {
    const { step } = LEVELS[level];
    const range = this.#ranges[level].get()!;
    if (range.first === null) return;
    const first = Math.max(Math.ceil(from / step), range.first as number);
    const last = Math.min(Math.ceil(to / step) - 1, range.last as number);
    const row = this.#lookups[level];
    for (let t = first; t <= last; t++) {
      const found = row.get(t, key);
      if (found !== undefined) yield found as unknown as Row;
    }
  }

  #levels(): LevelState[] {
    const rows = this.#db.prepare("SELECT name, dropped, rolled FROM levels")
      .all() as unknown as (LevelState & { name: string })[];
    return LEVELS.map(({ table }) => rows.find(({ name }) => name === table)!);
  }

  #key(id: string): number | undefined {
    return this.#db.prepare("SELECT key FROM targets WHERE id = ?").get(id)?.key as number | undefined;
  }
}

type Times = { -readonly [State in keyof StateTimes]: StateTimes[State] };

function add<Key>(sums: Map<Key, Times>, key: Key, { up, down, unknown, maintenance }: StateTimes): void {
  const sum = sums.get(key);
  if (sum === undefined) {
    sums.set(key, { up, down, unknown, maintenance });
    return;
  }
  sum.up += up;
  sum.down += down;
  sum.unknown += unknown;
  sum.maintenance += maintenance;
}

/** Sum of the rows of one step. */
class PointSum {
  readonly #at: number;
  readonly #counts = { pass: 0, fail: 0, neutral: 0 };
  readonly #times: Times = { up: 0, down: 0, unknown: 0, maintenance: 0 };
  #min = Infinity;
  #max = -Infinity;
  #sum = 0;

  constructor(at: number) {
    this.#at = at;
  }

  add(row: Row): void {
    for (const name of ["pass", "fail", "neutral"] as const) this.#counts[name] += row[name];
    for (const name of ["up", "down", "unknown", "maintenance"] as const) this.#times[name] += row[name];
    this.#sum += row.rtt_sum;
    if (row.rtt_min !== null) this.#min = Math.min(this.#min, row.rtt_min);
    if (row.rtt_max !== null) this.#max = Math.max(this.#max, row.rtt_max);
  }

  /** Converts RTTs, which are stored in us. */
  point(): SeriesPoint {
    const rtts = this.#counts.pass > 0 && {
      rttMin: this.#min / 1000,
      rttMean: this.#sum / this.#counts.pass / 1000,
      rttMax: this.#max / 1000,
    };
    return { at: this.#at, ...this.#counts, ...rtts, ...this.#times };
  }
}
