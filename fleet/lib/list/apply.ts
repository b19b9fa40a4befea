/** Changes of the list in force. Chunks and manifest are written first, the key `current` last, by compare-and-set. */

import { encode } from "../protocol/codec.ts";
import { KEPT_LISTS } from "../protocol/limits.ts";
import type { Current } from "../protocol/list.ts";
import { chunkKey, manifestKey } from "../protocol/subjects.ts";
import { ListError } from "./list_error.ts";
import type { ListPlan } from "./plan.ts";
import type { ListStore } from "./store.ts";

/**
 * Puts a list in force. If this is interrupted, the old list stays in force.
 *
 * @param store The bucket.
 * @param plan The list.
 * @param now The time, in ms since 1970.
 * @throws {ListError} If another command has changed the list in force since the plan was made.
 */
export async function applyList(store: ListStore, plan: ListPlan, now: number): Promise<void> {
  const { before, digest, manifest, chunks } = plan;
  // Existing chunks are written again, because they may be damaged, and to protect them from garbage collection.
  for (const [digest, { data }] of chunks) await store.put(chunkKey(digest), data);
  await store.put(manifestKey(digest), encode(manifest));
  await store.setCurrent(nextCurrent(before.current, digest, now), before.revision);
}

/**
 * Puts an earlier list in force.
 *
 * @param store The bucket.
 * @param digest The first digits of the list's digest; by default the previous list.
 * @param now The time, in ms since 1970.
 * @returns The digest of the list.
 * @throws {ListError} If there is no such list, it is in force already, or a part of the list is missing or damaged.
 */
export async function rollBack(store: ListStore, digest: string | undefined, now: number): Promise<string> {
  const found = await store.current();
  const lists = found === undefined ? [] : [found.current, ...found.current.previous];
  const matches = digest === undefined ? lists.slice(1, 2) : lists.filter((list) => list.digest.startsWith(digest));
  if (found === undefined || matches.length === 0) {
    throw new ListError(`No earlier list${digest === undefined ? "" : ` ${digest}`} is kept: "fleet list" shows all`);
  }
  if (matches.length > 1) throw new ListError(`Several lists begin with ${digest}: give more digits`);
  const [target] = matches;
  if (target.digest === found.current.digest) throw new ListError(`The list ${digest} is in force already`);
  await store.verify(await store.manifest(target.digest));
  await store.setCurrent(nextCurrent(found.current, target.digest, now), found.revision);
  return target.digest;
}

/** Returns the next value of `current`. A list that is in force again is removed from the earlier lists. */
function nextCurrent(before: Current | undefined, digest: string, now: number): Current {
  if (before === undefined) return { digest, at: now, previous: [] };
  const earlier = [{ digest: before.digest, at: before.at }, ...before.previous].filter((list) =>
    list.digest !== digest
  );
  return { digest, at: now, previous: earlier.slice(0, KEPT_LISTS) };
}
