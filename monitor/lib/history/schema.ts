/** Schema of the database, as migrations. */

import type { DatabaseSync } from "node:sqlite";
import { ForeignFileError } from "./file_errors.ts";

/** SQLite's `application_id` of history files: `tcpH`. */
export const APPLICATION_ID = 0x74637048;

/**
 * Columns of the tables of {@linkcode LEVELS}. RTTs are in us, times in each state in ms, `t` is a number of steps
 * since 1970.
 */
const seriesTable = (name: string) => `
  CREATE TABLE ${name} (
    t INTEGER NOT NULL,
    key INTEGER NOT NULL,
    pass INTEGER NOT NULL,
    fail INTEGER NOT NULL,
    neutral INTEGER NOT NULL,
    rtt_min INTEGER,
    rtt_max INTEGER,
    rtt_sum INTEGER NOT NULL,
    up INTEGER NOT NULL,
    down INTEGER NOT NULL,
    unknown INTEGER NOT NULL,
    maintenance INTEGER NOT NULL,
    PRIMARY KEY (t, key)
  ) WITHOUT ROWID;`;

/** Statements from each version to the next. Published migrations never change. */
export const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE runs (boot INTEGER PRIMARY KEY, seen INTEGER NOT NULL, clean INTEGER NOT NULL DEFAULT 0);
  CREATE TABLE targets (key INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE);
  CREATE TABLE states (
    key INTEGER PRIMARY KEY,
    target TEXT NOT NULL,
    state TEXT NOT NULL,
    since INTEGER NOT NULL,
    checks INTEGER NOT NULL,
    failures INTEGER NOT NULL,
    neutral INTEGER NOT NULL,
    reports INTEGER NOT NULL,
    transitions INTEGER NOT NULL,
    rtt_sum REAL NOT NULL,
    downtime REAL NOT NULL,
    maintenance TEXT
  );
  CREATE TABLE events (
    boot INTEGER NOT NULL,
    sequence INTEGER NOT NULL,
    at INTEGER NOT NULL,
    key INTEGER,
    json TEXT NOT NULL,
    PRIMARY KEY (boot, sequence)
  ) WITHOUT ROWID;
  CREATE INDEX events_at ON events (at);
  ${seriesTable("minutes")}
  ${seriesTable("hours")}
  ${seriesTable("days")}
  CREATE TABLE levels (name TEXT PRIMARY KEY, dropped INTEGER NOT NULL, rolled INTEGER NOT NULL);
  INSERT INTO levels VALUES ('minutes', 0, 0), ('hours', 0, 0), ('days', 0, 0);`,
  // Index for the events of one target.
  `CREATE INDEX events_key ON events (key, boot, sequence) WHERE key IS NOT NULL;`,
  // The position of a run in the source of counted results.
  `ALTER TABLE runs ADD COLUMN position INTEGER;`,
];

/**
 * Migrates a database to the newest version of the schema, in one transaction.
 *
 * @param db The database. A new file is empty.
 * @throws {ForeignFileError} If the file belongs to another program, or to a newer version.
 */
export function migrate(db: DatabaseSync): void {
  db.exec("BEGIN IMMEDIATE");
  try {
    const version = requireKnown(db);
    for (const statements of MIGRATIONS.slice(version)) db.exec(statements);
    db.exec(`PRAGMA application_id = ${APPLICATION_ID}; PRAGMA user_version = ${MIGRATIONS.length}`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

/**
 * Reads the version of a database.
 *
 * @returns The version; 0 for an empty file.
 * @throws {ForeignFileError} If the file belongs to another program, or to a newer version.
 */
export function requireKnown(db: DatabaseSync): number {
  const version = pragma(db, "user_version");
  if (version > MIGRATIONS.length) {
    throw new ForeignFileError(
      `has schema version ${version}, and this program knows ${MIGRATIONS.length}: use a newer tcp-checker`,
    );
  }
  const isEmpty = db.prepare("SELECT count(*) AS count FROM sqlite_schema").get()!.count === 0;
  if (!isEmpty && pragma(db, "application_id") !== APPLICATION_ID) {
    throw new ForeignFileError("is a database of another program: choose another path");
  }
  return version;
}

/** Reads a pragma whose value is a number. */
export function pragma(db: DatabaseSync, name: string): number {
  return Object.values(db.prepare(`PRAGMA ${name}`).get()!)[0] as number;
}
