/** Store of the history, on the worker's thread: opens the file, and reopens it after a failure. */

import type { Batch } from "./batch.ts";
import { OwnedDatabase } from "./database.ts";
import type { Opened, Written } from "./messages.ts";
import type { ResolvedLimits } from "./retention.ts";
import { SlotNames } from "./slot_names.ts";
import { StoredReader } from "./stored_reader.ts";
import { lastBoot, lastPosition, readStates, Writer } from "./writer.ts";

/** An open file. */
interface OpenFile {
  readonly owned: OwnedDatabase;
  readonly writer: Writer;
  readonly reader: StoredReader;
}

/** Writes and reads a file. A failed write closes the file, and the next write reopens it. */
export class Store implements Disposable {
  readonly #file: string;
  readonly #limits: ResolvedLimits;
  readonly #names = new SlotNames();
  #boot = 0;
  #open: OpenFile | undefined;

  /**
   * @param file The path.
   * @param limits The limits of the file.
   */
  constructor(file: string, limits: ResolvedLimits) {
    this.#file = file;
    this.#limits = limits;
  }

  /** Sets the boot number of the monitor. */
  set boot(boot: number) {
    this.#close();
    this.#boot = boot;
  }

  /** Reads the data that a start restores. */
  opened(): Opened {
    const { owned: { db } } = this.#opened();
    return { states: readStates(db), lastBoot: lastBoot(db), position: lastPosition(db) };
  }

  /** Writes a batch. */
  write(batch: Batch): Written {
    this.#names.add(batch.names);
    try {
      const { writer } = this.#opened();
      writer.write(batch);
      return { size: writer.size };
    } catch (error) {
      this.#close();
      throw error;
    }
  }

  /**
   * Deletes some rows of a file that is too large. An error closes the file, and the next write reports the problem.
   *
   * @returns Whether there is more to delete.
   */
  shrink(): boolean {
    try {
      const writer = this.#open?.writer;
      return writer !== undefined && writer.isTooLarge && writer.shrink();
    } catch {
      this.#close();
      return false;
    }
  }

  /** The reader of the file. */
  get reader(): StoredReader {
    return this.#opened().reader;
  }

  [Symbol.dispose](): void {
    this.#close();
  }

  #opened(): OpenFile {
    if (this.#open !== undefined) return this.#open;
    const owned = new OwnedDatabase(this.#file);
    try {
      const { db } = owned;
      const writer = new Writer(db, this.#limits, this.#names, this.#boot);
      return this.#open = { owned, writer, reader: new StoredReader(db) };
    } catch (error) {
      owned[Symbol.dispose]();
      throw error;
    }
  }

  #close(): void {
    const open = this.#open;
    this.#open = undefined;
    open?.owned[Symbol.dispose]();
  }
}
