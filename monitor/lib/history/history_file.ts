/** History file, opened read-only for reports: outages, and uptime per month. */

import type { DatabaseSync } from "node:sqlite";
import { openForReading } from "./database.ts";
import { LEVELS } from "./levels.ts";
import { type Outage, OutageFinder, type ReadEvent, type Run } from "./outages.ts";
import { problemText } from "./problem_text.ts";
import { StoredReader } from "./stored_reader.ts";
import type { Uptime } from "./uptime.ts";

/** Time range and targets of a report. Times are in ms since 1970. */
export interface ReportRange {
  /** The start; by default the start of the history. */
  readonly from?: number;
  /** The end (exclusive); by default when the monitor was last seen. */
  readonly to?: number;
  /** The targets' ids; all targets by default. */
  readonly ids?: readonly string[];
}

/** Uptime of a target in a month. */
export interface MonthlyUptime extends Uptime {
  /** The target's id. */
  readonly id: string;
  /** The month (UTC), such as `2026-11`. */
  readonly month: string;
}

/** The file of a history, opened for reading on this thread. A monitor may write to it at the same time. */
export class HistoryFile implements Disposable {
  readonly #db: DatabaseSync;
  readonly #reader: StoredReader;
  readonly #runs: readonly Run[];

  /**
   * Opens a file.
   *
   * @param file The path.
   * @throws {Error} If the file can't be read, or is not a history. The message includes the remedy.
   */
  constructor(file: string) {
    try {
      this.#db = openForReading(file);
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) throw new Error(`There is no file ${file}`, { cause: error });
      throw new Error(problemText(error as Error, file, true), { cause: error });
    }
    this.#reader = new StoredReader(this.#db);
    this.#runs = this.#db.prepare("SELECT boot, seen FROM runs ORDER BY boot").all() as unknown as Run[];
  }

  /** Lists the ids of all targets in the history. */
  ids(): string[] {
    return this.#db.prepare("SELECT id FROM targets ORDER BY id").all().map(({ id }) => id as string);
  }

  /** Lists the outages that overlap a time range, ordered by start. */
  outages({ from = 0, to = Infinity, ids }: ReportRange = {}): Outage[] {
    const finder = new OutageFinder(this.#runs, (id, run) => this.#reader.wasDown(id, run));
    const wanted = ids && new Set(ids);
    const all: Outage[] = [];
    for (const event of this.#events()) {
      const ended = finder.take(event);
      if (ended !== undefined) all.push(ended);
    }
    all.push(...finder.unended(this.#down()));
    return all.filter(({ id, start, end = Infinity }) => start < to && end > from && (wanted?.has(id) ?? true))
      .sort((a, b) => a.start - b.start);
  }

  /** Computes uptime per month (UTC), in order. The first and the last month may be partial. */
  uptimes({ from = this.#begin(), to = this.#end(), ids }: ReportRange = {}): MonthlyUptime[] {
    return [...months(from, to)].flatMap(({ month, start, end }) =>
      [...this.#reader.uptime({ from: start, to: end, ids })]
        .sort(([a], [b]) => a < b ? -1 : 1)
        .map(([id, uptime]) => ({ id, month, ...uptime }))
    );
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#db.close();
  }

  *#events(): Generator<ReadEvent, void> {
    const rows = this.#db.prepare("SELECT boot, at, json FROM events ORDER BY boot, sequence");
    for (const { boot, at, json } of rows.iterate()) {
      yield { ...JSON.parse(json as string), at, boot } as ReadEvent;
    }
  }

  #down(): Set<string> {
    const rows = this.#db.prepare("SELECT id FROM states JOIN targets USING (key) WHERE state = 'down'").all();
    return new Set(rows.map(({ id }) => id as string));
  }

  /** The minute of the first start. */
  #begin(): number {
    const start = this.#runs[0]?.boot ?? 0;
    return start - start % LEVELS[0].step;
  }

  #end(): number {
    return this.#runs.at(-1)?.seen ?? 0;
  }
}

function* months(from: number, to: number) {
  let start = from;
  while (start < to) {
    const date = new Date(start);
    const next = Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1);
    yield { month: date.toISOString().slice(0, 7), start, end: Math.min(next, to) };
    start = next;
  }
}
