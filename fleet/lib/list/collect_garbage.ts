/** Garbage collection of manifests and chunks that no stored list refers to. */

import { jetstreamManager } from "@nats-io/jetstream";
import type { NatsConnection } from "@nats-io/nats-core";
import { bucketStream, chunkKey, CURRENT_KEY, keySubject, LIST_BUCKET, manifestKey } from "../protocol/subjects.ts";
import { ListError } from "./list_error.ts";
import { ListStore } from "./store.ts";

/**
 * Minimum age of a removed key, in ms. A younger key may belong to a list that another command is about to put in
 * force.
 */
const MIN_AGE = 3_600_000;

/**
 * Removes keys to which neither the list in force nor an earlier list refers.
 *
 * @param connection A connection with the permissions of an administrator.
 * @param minAge Minimum age of a removed key, in ms.
 * @returns The number of keys removed.
 */
export async function collectGarbage(connection: NatsConnection, minAge = MIN_AGE): Promise<number> {
  const store = await ListStore.open(connection);
  const kept = await keptKeys(store);
  const { streams } = await jetstreamManager(connection);
  const stream = bucketStream(LIST_BUCKET);
  const { state, ts } = await streams.info(stream, { subjects_filter: ">" });
  const now = ts === undefined ? Date.now() : Date.parse(ts);
  let removed = 0;
  for (const subject of Object.keys(state.subjects ?? {})) {
    if (kept.has(subject)) continue;
    const message = await streams.getMessage(stream, { last_by_subj: subject });
    if (message === null || now - message.time.getTime() < minAge) continue;
    // Deletes only this revision, not a newer one.
    removed += (await streams.purge(stream, { filter: subject, seq: message.seq + 1 })).purged;
  }
  return removed;
}

/** Returns the digests of a list's chunks; empty if the manifest is missing or damaged, because the list is lost. */
async function chunksOf(store: ListStore, digest: string): Promise<string[]> {
  try {
    return (await store.manifest(digest)).chunks.map(({ digest }) => digest);
  } catch (error) {
    if (error instanceof ListError) return [];
    throw error;
  }
}

async function keptKeys(store: ListStore): Promise<ReadonlySet<string>> {
  const keys = [CURRENT_KEY];
  const current = (await store.current())?.current;
  for (const { digest } of current === undefined ? [] : [current, ...current.previous]) {
    keys.push(manifestKey(digest), ...(await chunksOf(store, digest)).map(chunkKey));
  }
  return new Set(keys.map((key) => keySubject(LIST_BUCKET, key)));
}
