/**
 * Shards: groups of targets with the same witnesses, so that agents are ranked once per shard instead of once per
 * target. A target's shard depends only on its id.
 */

import { SLICES } from "../protocol/limits.ts";
import { hash } from "./hash.ts";

/** The number of shards. */
export const SHARDS = 65_536;

const SHARDS_PER_SLICE = SHARDS / SLICES;

/** Returns the shard of a target: 0 to 65,535. */
export function shardOf(id: string): number {
  return hash(id) & (SHARDS - 1);
}

/** Returns the slice in which reports on a shard's targets are published: 0 to 255. */
export function sliceOf(shard: number): number {
  return Math.floor(shard / SHARDS_PER_SLICE);
}
