/**
 * Announcements: the targets that notifications have told as down, kept at the servers. A hub that takes over notifying
 * reads them, and so knows which alerts it has to end.
 */

import { jetstream, type JetStreamClient, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { shareOf, sliceOf } from "../assignment/shares.ts";
import { parseAnnounced } from "../protocol/announced.ts";
import { encode } from "../protocol/codec.ts";
import { Malformed } from "../protocol/malformed.ts";
import { ANNOUNCED, announcedKey, HUBS_BUCKET, keySubject } from "../protocol/subjects.ts";
import { readKeys } from "../session/direct_get.ts";

/** Announced targets. */
export class Announcements {
  readonly #client: JetStreamClient;
  readonly #ids: Set<string>;
  /** Ids by slice; a slice is written as a whole. */
  readonly #slices = new Map<number, Set<string>>();
  readonly #changed = new Set<number>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(client: JetStreamClient, ids: Set<string>) {
    this.#client = client;
    this.#ids = ids;
    for (const id of ids) this.#sliceOf(id).add(id);
  }

  /**
   * Reads what was announced.
   *
   * @param connection The connection.
   */
  static async read(connection: NatsConnection): Promise<Announcements> {
    const values = await readKeys(await jetstreamManager(connection), HUBS_BUCKET, `${ANNOUNCED}.*`);
    const parsed = values.map(({ data }) => parseAnnounced(data));
    const ids = parsed.flatMap((slice) => slice instanceof Malformed ? [] : slice.down);
    return new Announcements(jetstream(connection), new Set(ids));
  }

  /** The ids of the targets. */
  get ids(): ReadonlySet<string> {
    return this.#ids;
  }

  /** Adds a target. Nothing may tell of it before {@linkcode Announcements.write} has ended. */
  add(id: string): void {
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.#sliceOf(id).add(id);
    this.#changed.add(sliceOf(shareOf(id)));
  }

  /** Removes a target whose recovery was told. */
  delete(id: string): void {
    if (!this.#ids.delete(id)) return;
    this.#sliceOf(id).delete(id);
    this.#changed.add(sliceOf(shareOf(id)));
  }

  /** Writes what has changed. Writes follow each other. */
  write(): Promise<void> {
    const written = this.#writing.then(() => this.#writeChanged());
    this.#writing = written.catch(() => {});
    return written;
  }

  async #writeChanged(): Promise<void> {
    await Promise.all([...this.#changed].map(async (slice) => {
      this.#changed.delete(slice);
      try {
        const down = [...this.#slices.get(slice) ?? []];
        await this.#client.publish(keySubject(HUBS_BUCKET, announcedKey(slice)), encode({ down }));
      } catch (error) {
        this.#changed.add(slice);
        throw error;
      }
    }));
  }

  #sliceOf(id: string): Set<string> {
    return this.#slices.getOrInsertComputed(sliceOf(shareOf(id)), () => new Set());
  }
}
