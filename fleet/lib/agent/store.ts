/** SQLite file of an agent: its outbox, and what it needs to start without a server. */

import { DatabaseSync } from "node:sqlite";
import { quote } from "@tcp-shaker/tcp-shaker/quote";

const SCHEMA = `
  CREATE TABLE IF NOT EXISTS message (
    sequence INTEGER PRIMARY KEY,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    count INTEGER NOT NULL,
    body BLOB NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS saved (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT;
  CREATE TABLE IF NOT EXISTS chunk (
    digest TEXT PRIMARY KEY,
    data BLOB NOT NULL
  ) STRICT;
`;

/**
 * Opens the database of an agent. One process has it at a time: two would send the same messages under two names.
 *
 * @param path The file; by default the database is in memory, and ends with the process.
 * @returns The database.
 * @throws {Error} If the file can't be opened, is no database, or another process has it.
 */
export function openStore(path = ":memory:"): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // The lock is held until the end of the process, and a killed process holds none.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database?.close();
    const { message } = error as Error;
    const reason = message.includes("locked") ? "another process has it: give each agent a file of its own" : message;
    throw new Error(`Cannot open the outbox ${quote(path)}: ${reason}`, { cause: error });
  }
}
