/** Plans of SQLite: reading the history of some targets never reads a whole table. */

import { DatabaseSync, type StatementSync } from "node:sqlite";
import { assert, assertEquals } from "@std/assert";
import { StoredReader } from "../../lib/history/stored_reader.ts";
import { HistoryFolder } from "../support/recorded_monitor.ts";
import { WrittenHistory } from "../support/written_history.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
const START = Date.UTC(2026, 9, 1);

/** A database that remembers the statements that were prepared. */
class WatchedDatabase extends DatabaseSync {
  readonly statements: string[] = [];

  override prepare(sql: string): StatementSync {
    this.statements.push(sql);
    return super.prepare(sql);
  }

  /** The steps of the plans of all statements that read a whole table or index. */
  scans(): string[] {
    return this.statements.flatMap((sql) =>
      super.prepare(`EXPLAIN QUERY PLAN ${sql}`).all().map(({ detail }) => String(detail))
    ).filter((detail) => /^SCAN (?:minutes|hours|days|events|targets|states)\b/.test(detail));
  }
}

Deno.test("the series, the uptime and the events of some targets are read without a scan of a table", () => {
  using folder = new HistoryFolder();
  const end = START + 3 * HOUR;
  let ids: readonly string[];
  {
    using history = new WrittenHistory(folder.file, 3);
    history.writeAll(START, end);
    ids = history.ids;
  }
  using db = new WatchedDatabase(folder.file, { readOnly: true });
  const reader = new StoredReader(db);
  const points = reader.series(ids[0], { from: START, to: end, step: HOUR });
  assertEquals(points.map(({ pass }) => pass), [1800, 1800, 1800]);
  for (const from of [end - HOUR, end - 90 * DAY]) assertEquals(reader.uptime({ from, to: end, ids }).size, 3);
  reader.events({ limit: 1, target: ids[0], newestFirst: true });
  assert(db.statements.length > 5);
  assertEquals(db.scans(), []);
});
