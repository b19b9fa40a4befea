/** Saved state of an agent, for a start without a server: the target list, and the agents that were present. */

import type { DatabaseSync } from "node:sqlite";
import type { Candidate } from "../assignment/rendezvous.ts";
import type { ChunkCache } from "../list/read.ts";
import type { Manifest } from "../protocol/list.ts";

/** A target list. */
export interface SavedList {
  readonly digest: string;
  readonly manifest: Manifest;
}

/** Saved state in the database of the agent. No method throws: on a full disk nothing is saved. */
export class SavedState implements ChunkCache {
  readonly #database: DatabaseSync;

  /** @param database The database of the agent. */
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** The last list; `undefined` if there was none. */
  get list(): SavedList | undefined {
    return this.#read("list") as SavedList | undefined;
  }

  /** The agents that were present last, including this one. */
  get agents(): readonly Candidate[] {
    return this.#read("agents") as readonly Candidate[] | undefined ?? [];
  }

  /** The boot ids of earlier processes. They have ended, because only one process can open the database. */
  get boots(): readonly string[] {
    return this.#read("boots") as readonly string[] | undefined ?? [];
  }

  /** Saves a list after all its chunks were read, and deletes chunks of other lists. */
  saveList(list: SavedList): void {
    this.#write("list", list);
    const kept = new Set(list.manifest.chunks.map(({ digest }) => digest));
    const digests = this.#database.prepare("SELECT digest FROM chunk").all() as { digest: string }[];
    const forget = this.#database.prepare("DELETE FROM chunk WHERE digest = ?");
    this.#try(() => digests.forEach(({ digest }) => kept.has(digest) || forget.run(digest)));
  }

  /** Saves the present agents. */
  saveAgents(agents: readonly Candidate[]): void {
    this.#write("agents", agents);
  }

  /** Saves the boot id of this process. Keeps the last 10, because a process may end before it acquires its lease. */
  saveBoot(boot: string): void {
    this.#write("boots", [boot, ...this.boots].slice(0, 10));
  }

  get(digest: string): Uint8Array | undefined {
    return this.#database.prepare("SELECT data FROM chunk WHERE digest = ?").get(digest)?.data as
      | Uint8Array
      | undefined;
  }

  set(digest: string, chunk: Uint8Array): void {
    this.#try(() => this.#database.prepare("INSERT OR IGNORE INTO chunk VALUES (?, ?)").run(digest, chunk));
  }

  #read(name: string): unknown {
    const row = this.#database.prepare("SELECT value FROM saved WHERE name = ?").get(name);
    return row === undefined ? undefined : JSON.parse(row.value as string);
  }

  #write(name: string, value: unknown): void {
    const text = JSON.stringify(value);
    this.#try(() =>
      this.#database.prepare("INSERT INTO saved VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value")
        .run(name, text)
    );
  }

  #try(write: () => void): void {
    try {
      write();
    } catch {
      // The outbox reports that the file can't be written.
    }
  }
}
