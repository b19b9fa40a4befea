/** Reads of keys by direct get, which need no consumer. */

import type { JetStreamManager } from "@nats-io/jetstream";
import { bucketStream, keySubject } from "../protocol/subjects.ts";

/** A value of a key. */
export interface StoredValue {
  readonly key: string;
  readonly data: Uint8Array;
  /** The place in the stream. */
  readonly sequence: number;
  /** When the server stored it, in ms since 1970. */
  readonly time: number;
}

/**
 * Reads the last values of all keys that match.
 *
 * @param manager The manager.
 * @param bucket The bucket.
 * @param filter The keys, with wildcards.
 * @returns The values, in the order of the stream.
 */
export async function readKeys(manager: JetStreamManager, bucket: string, filter: string): Promise<StoredValue[]> {
  const values: StoredValue[] = [];
  const prefix = keySubject(bucket, "").length;
  try {
    const messages = await manager.direct.getLastMessagesFor(bucketStream(bucket), {
      multi_last: [keySubject(bucket, filter)],
    });
    for await (const { subject, data, seq, time } of messages) {
      values.push({ key: subject.slice(prefix), data, sequence: seq, time: time.getTime() });
    }
  } catch (error) {
    if (!/no results|message not found/i.test((error as Error).message)) throw error;
  }
  return values;
}
