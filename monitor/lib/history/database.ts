/** Opening of the database file. */

import { DatabaseSync } from "node:sqlite";
import { FileInUseError, ForeignFileError } from "./file_errors.ts";
import { migrate, requireKnown } from "./schema.ts";

/** Busy timeout of a statement, in ms, for migrations and checkpoints of other connections. */
const BUSY_MS = 1000;
/** Size in bytes to which a checkpoint truncates the write-ahead log. */
const LOG_BYTES = 16 * 2 ** 20;

/** Database connection with an exclusive lock for writing. Other processes may read. */
export class OwnedDatabase implements Disposable {
  /** The connection. */
  readonly db: DatabaseSync;
  readonly #lock: Deno.FsFile;

  /**
   * Opens a file, and creates it if it doesn't exist.
   *
   * @param file The path.
   * @throws {FileInUseError} If another process has opened it for writing.
   * @throws {ForeignFileError} If the file belongs to another program, or to a newer version.
   * @throws {Error} If the file can't be opened, with the system's or SQLite's message.
   */
  constructor(file: string) {
    // flock() does not conflict with SQLite's locks by fcntl(). Closing any descriptor of the file releases the locks
    // by fcntl(), so this descriptor must be closed last.
    this.#lock = Deno.openSync(file, { read: true, write: true, create: true, mode: 0o640 });
    let db: DatabaseSync | undefined;
    try {
      if (!this.#lock.tryLockSync(true)) throw new FileInUseError();
      db = new DatabaseSync(file, { timeout: BUSY_MS });
      db.exec(`
        PRAGMA auto_vacuum = INCREMENTAL;
        PRAGMA journal_mode = WAL;
        PRAGMA synchronous = NORMAL;
        PRAGMA temp_store = MEMORY;
        PRAGMA journal_size_limit = ${LOG_BYTES};
      `);
      migrate(db);
      this.db = db;
    } catch (error) {
      db?.close();
      this.#lock.close();
      throw error;
    }
  }

  [Symbol.dispose](): void {
    try {
      leaveWal(this.db);
      this.db.close();
    } finally {
      this.#lock.close();
    }
  }
}

/**
 * Leaves WAL mode, so that the file can be read in a read-only folder: in WAL mode SQLite creates an index of the log
 * there. Fails while another process reads the file.
 */
function leaveWal(db: DatabaseSync): void {
  try {
    db.exec("PRAGMA busy_timeout = 0; PRAGMA journal_mode = DELETE");
  } catch {
    // The file is in use, or can't be written.
  }
}

/**
 * Opens a file for reading. A monitor may write to it at the same time.
 *
 * @param file The path.
 * @returns The connection.
 * @throws {ForeignFileError} If the file is not a history.
 * @throws {Error} If the file can't be opened.
 */
export function openForReading(file: string): DatabaseSync {
  // Checked here, because SQLite's messages for a missing file and for a folder are vague.
  if (Deno.statSync(file).isDirectory) throw new Error("Is a directory");
  const db = new DatabaseSync(file, { readOnly: true, timeout: BUSY_MS });
  try {
    if (requireKnown(db) === 0) throw new ForeignFileError("is empty: no monitor has written to it");
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
