/** Store of target lists: a bucket that is read by direct get, which needs no consumer. */

import { jetstream, JetStreamApiError } from "@nats-io/jetstream";
import { type KV, type KvEntry, Kvm } from "@nats-io/kv";
import type { NatsConnection } from "@nats-io/nats-core";
import { encode } from "../protocol/codec.ts";
import { type Current, type Manifest, parseCurrent, parseManifest } from "../protocol/list.ts";
import { Malformed } from "../protocol/malformed.ts";
import { chunkKey, CURRENT_KEY, LIST_BUCKET, manifestKey } from "../protocol/subjects.ts";
import { digestOf } from "./digest.ts";
import { ListError } from "./list_error.ts";

/** The server's error code for a failed compare-and-set: the expected revision is not the last one. */
const WRONG_LAST_SEQUENCE = 10071;

/** The list in force, and the revision of the key `current`. */
export interface InForce {
  readonly current: Current;
  readonly revision: number;
}

/** The stored key `current`, which names the list in force. */
export interface StoredCurrent {
  /** `undefined` if there has never been a list, or the key was deleted. */
  readonly current: Current | Malformed | undefined;
  /** 0 if there has never been a list. */
  readonly revision: number;
}

/** The bucket of target lists. */
export class ListStore {
  readonly #bucket: KV;

  private constructor(bucket: KV) {
    this.#bucket = bucket;
  }

  /** Opens the bucket without a request to the server. */
  static async open(connection: NatsConnection): Promise<ListStore> {
    // The API of the account is closed to agents.
    const client = jetstream(connection, { checkAPI: false });
    return new ListStore(await new Kvm(client).open(LIST_BUCKET, { allow_direct: true }));
  }

  /** Reads the key `current`, which may be malformed. */
  async stored(): Promise<StoredCurrent> {
    const entry = await this.#bucket.get(CURRENT_KEY);
    if (entry === null) return { current: undefined, revision: 0 };
    return { current: entry.operation === "PUT" ? parseCurrent(entry.value) : undefined, revision: entry.revision };
  }

  /**
   * Reads the key `current`.
   *
   * @returns The list; `undefined` if there is none.
   * @throws {ListError} If the key is malformed.
   */
  async current(): Promise<InForce | undefined> {
    const { current, revision } = await this.stored();
    if (current === undefined) return undefined;
    if (current instanceof Malformed) throw new ListError(`The key ${CURRENT_KEY} is malformed: ${current.problem}`);
    return { current, revision };
  }

  /**
   * Reads a manifest.
   *
   * @param digest The manifest's digest.
   * @throws {ListError} If the manifest is missing or damaged.
   */
  async manifest(digest: string): Promise<Manifest> {
    const manifest = parseManifest(await this.#read(manifestKey(digest), digest));
    if (manifest instanceof Malformed) throw new ListError(`The list ${digest} is malformed: ${manifest.problem}`);
    return manifest;
  }

  /**
   * Reads a chunk.
   *
   * @param digest The chunk's digest.
   * @throws {ListError} If the chunk is missing or damaged.
   */
  async chunk(digest: string): Promise<Uint8Array> {
    return await this.#read(chunkKey(digest), digest);
  }

  /**
   * Reads all chunks of a list.
   *
   * @param manifest The list.
   * @throws {ListError} If a chunk is missing or damaged.
   */
  async verify({ chunks }: Manifest): Promise<void> {
    for (const { digest } of chunks) await this.chunk(digest);
  }

  /** Writes a chunk or manifest. */
  async put(key: string, data: Uint8Array): Promise<void> {
    await this.#bucket.put(key, data);
  }

  /**
   * Puts a list in force by compare-and-set.
   *
   * @param current The list.
   * @param revision The revision that was read; 0 if there was none.
   * @throws {ListError} If another command has changed the list in force.
   */
  async setCurrent(current: Current, revision: number): Promise<void> {
    try {
      // Not the bucket's create(), which would also replace a deleted key.
      await this.#bucket.put(CURRENT_KEY, encode(current), { previousSeq: revision });
    } catch (error) {
      if (!(error instanceof JetStreamApiError && error.code === WRONG_LAST_SEQUENCE)) throw error;
      throw new ListError("Another command has changed the list in force meanwhile: run the command again");
    }
  }

  async #read(key: string, digest: string): Promise<Uint8Array> {
    const entry = await this.#get(key);
    if (entry === undefined) throw new ListError(`The key ${key} is missing`);
    const data = new Uint8Array(entry.value);
    if (await digestOf(data) !== digest) throw new ListError(`The key ${key} is damaged: its SHA-256 does not match`);
    return data;
  }

  async #get(key: string): Promise<KvEntry | undefined> {
    const entry = await this.#bucket.get(key);
    return entry === null || entry.operation !== "PUT" ? undefined : entry;
  }
}
