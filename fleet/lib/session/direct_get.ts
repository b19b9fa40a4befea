/** Reads keys by direct get, which needs no consumer. */

import type { JetStreamManager } from "@nats-io/jetstream";
import { bucketStream, keySubject } from "../protocol/subjects.ts";

/** A value of a key. */
export interface StoredValue {
  readonly key: string;
  readonly data: Uint8Array;
  /** The sequence in the stream. */
  readonly sequence: number;
  /** When the server stored it, in ms since 1970. */
  readonly time: number;
}

/** Maximum number of values per request, which the server limits. */
const BATCH = 1000;

/**
 * Reads the values of all matching keys. The bucket has one value per key.
 *
 * @param manager The manager.
 * @param bucket The bucket.
 * @param filter The keys, with wildcards.
 * @returns The values, in the order of the stream. A key that is written during the read may occur twice.
 */
export async function readKeys(manager: JetStreamManager, bucket: string, filter: string): Promise<StoredValue[]> {
  const values: StoredValue[] = [];
  const prefix = keySubject(bucket, "").length;
  for (let next = 1, isMore = true; isMore;) {
    const first = values.length;
    try {
      const query = { seq: next, next_by_subj: keySubject(bucket, filter), batch: BATCH };
      const messages = await manager.direct.getBatch(bucketStream(bucket), query);
      for await (const { subject, data, seq, time } of messages) {
        values.push({ key: subject.slice(prefix), data, sequence: seq, time: time.getTime() });
        next = seq + 1;
      }
    } catch (error) {
      if (!/no results|message not found/i.test((error as Error).message)) throw error;
    }
    isMore = values.length - first === BATCH;
  }
  return values;
}
