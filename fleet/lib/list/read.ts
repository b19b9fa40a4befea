/** Reading of target lists. */

import { runInTimeSlices } from "@tcp-shaker/monitor/parts";
import type { Manifest } from "../protocol/list.ts";
import { linesOf } from "./chunks.ts";
import { ListError } from "./list_error.ts";
import type { ListStore } from "./store.ts";
import { type ListedTarget, parseLine } from "./target_line.ts";

/** Cache of chunks by digest, so that only changed chunks of a list are read. */
export interface ChunkCache {
  /** Returns a chunk; `undefined` if it isn't cached. */
  get(digest: string): Uint8Array | undefined;
  /** Adds a chunk. */
  set(digest: string, chunk: Uint8Array): void;
}

/**
 * Reads the targets of a list, one chunk at a time, and in time slices, so that it delays no check.
 *
 * @param store Reads chunks that are not in the cache.
 * @param manifest The list.
 * @param cache The cache of chunks. Chunks that are read are added.
 * @returns The targets of each chunk, in order of id.
 * @throws {ListError} If a chunk is missing or damaged.
 */
export async function* readTargets(
  store: Pick<ListStore, "chunk">,
  manifest: Manifest,
  cache?: ChunkCache,
): AsyncGenerator<ListedTarget[]> {
  for (const { digest, targets } of manifest.chunks) {
    let chunk = cache?.get(digest);
    if (chunk === undefined) {
      chunk = await store.chunk(digest);
      cache?.set(digest, chunk);
    }
    const lines = linesOf(chunk);
    if (lines.length !== targets) {
      throw new ListError(`The chunk ${digest} has ${lines.length} targets, but its manifest has ${targets}`);
    }
    yield await runInTimeSlices(parse(lines));
  }
}

/** Parses lines, one per step. */
function* parse(lines: readonly string[]): Generator<void, ListedTarget[]> {
  const targets: ListedTarget[] = [];
  for (const line of lines) {
    targets.push(parseLine(line));
    yield;
  }
  return targets;
}
