/**
 * Announcements: the targets that notifications have reported as down, stored in a bucket. A hub that takes over
 * notifying reads them to know which alerts to resolve.
 */

import { jetstream, type JetStreamClient, jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { shardOf, sliceOf } from "../assignment/shards.ts";
import { parseAnnounced } from "../protocol/announced.ts";
import { encode } from "../protocol/codec.ts";
import { Malformed } from "../protocol/malformed.ts";
import { ANNOUNCED, announcedKey, HUBS_BUCKET, keySubject } from "../protocol/subjects.ts";
import { readKeys } from "../session/direct_get.ts";

/** The announced targets, and writes of their changes. */
export class Announcements {
  readonly #client: JetStreamClient;
  readonly #ids: Set<string>;
  /** Ids by slice. A slice is one message. */
  readonly #slices = new Map<number, Set<string>>();
  readonly #changed = new Set<number>();
  #writing: Promise<void> = Promise.resolve();

  private constructor(client: JetStreamClient, ids: Set<string>) {
    this.#client = client;
    this.#ids = ids;
    for (const id of ids) this.#sliceOf(id).add(id);
  }

  /**
   * Reads the announced targets.
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

  /** Adds a target. Call {@linkcode Announcements.write} before its notification. */
  add(id: string): void {
    if (this.#ids.has(id)) return;
    this.#ids.add(id);
    this.#sliceOf(id).add(id);
    this.#changed.add(sliceOf(shardOf(id)));
  }

  /** Removes a target after the notification of its recovery. */
  delete(id: string): void {
    if (!this.#ids.delete(id)) return;
    this.#sliceOf(id).delete(id);
    this.#changed.add(sliceOf(shardOf(id)));
  }

  /** Writes the changed slices. Calls are serialized. */
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
    return this.#slices.getOrInsertComputed(sliceOf(shardOf(id)), () => new Set());
  }
}
