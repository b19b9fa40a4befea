/** SQLite file of an agent: its outbox, and its saved state. */

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
 * Opens the database of an agent with an exclusive lock, because two processes would send the same messages.
 *
 * @param path The file; by default the database is in memory.
 * @returns The database.
 * @throws {Error} If the file can't be opened, is not a database, or another process uses it.
 */
export function openStore(path = ":memory:"): DatabaseSync {
  let database: DatabaseSync | undefined;
  try {
    database = new DatabaseSync(path);
    // The kernel releases the lock when the process ends.
    database.exec("PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL;");
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    database?.close();
    const { message } = error as Error;
    const reason = message.includes("locked") ? "another process uses it: give each agent its own file" : message;
    throw new Error(`Cannot open the outbox ${quote(path)}: ${reason}`, { cause: error });
  }
}
