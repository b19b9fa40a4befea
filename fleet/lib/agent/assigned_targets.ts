/** Reads an agent's part of the target list. */

import type { TargetOptions } from "@tcp-shaker/monitor";
import { DEFAULT_VERDICT, runInTimeSlices } from "@tcp-shaker/monitor/parts";
import { shardOf } from "../assignment/shards.ts";
import { readTargets } from "../list/read.ts";
import type { ListStore } from "../list/store.ts";
import type { ListedTarget } from "../list/target_line.ts";
import type { AssignedTarget, Thresholds } from "./assigned_target.ts";
import type { Handover, MovedTarget } from "./handover.ts";
import type { SavedList, SavedState } from "./saved_state.ts";

/** The targets that are assigned to an agent. */
export interface AssignedTargets {
  /** The digest of the list. */
  readonly list: string;
  readonly targets: readonly AssignedTarget[];
  /** Defaults of the targets' options. */
  readonly defaults: TargetOptions;
}

const { rise, fall } = DEFAULT_VERDICT;
const DEFAULTS: Thresholds = { rise, fall };

/** Input of {@linkcode readAssignedTargets}. */
export interface AssignmentSource {
  /** The shards of which the agent is a witness: one byte per shard. */
  readonly own: Uint8Array;
  readonly list: SavedList;
  readonly saved: SavedState;
  /** Reads chunks that are not saved. */
  readonly store: Pick<ListStore, "chunk">;
  /** Decides until when targets of other shards are still checked. */
  readonly handover: Pick<Handover, "endOf">;
}

/** The targets of a list that concern an agent. */
export interface ReadTargets {
  /** Targets of the agent's shards. */
  readonly own: AssignedTarget[];
  /** Targets of shards that have moved to other agents. */
  readonly moved: MovedTarget[];
}

/**
 * Reads the targets of which an agent is, or was, a witness. The list is read chunk by chunk to save memory, and in
 * time slices, so that it delays no check.
 *
 * @param source The list, and the shards.
 * @returns The targets.
 * @throws {ListError} If a chunk is missing or damaged.
 */
export async function readAssignedTargets(source: AssignmentSource): Promise<ReadTargets> {
  const { list: { manifest }, saved, store } = source;
  const read: ReadTargets = { own: [], moved: [] };
  for await (const chunk of readTargets(store, manifest, saved)) await runInTimeSlices(select(chunk, source, read));
  return read;
}

/** Adds the targets of a chunk that concern the agent. */
function* select(chunk: readonly ListedTarget[], source: AssignmentSource, read: ReadTargets): Generator<void, void> {
  const { own, handover } = source;
  const defaults = source.list.manifest.monitor as TargetOptions;
  const common: Thresholds = { ...DEFAULTS, ...thresholdsOf(defaults) };
  for (const target of chunk) {
    const shard = shardOf(target.id);
    const { rise, fall } = target;
    const thresholds = rise === undefined && fall === undefined ? common : { ...common, ...thresholdsOf(target) };
    if (own[shard] === 1) read.own.push({ target, thresholds });
    else {
      const end = handover.endOf(target, shard, thresholds, defaults);
      if (end !== undefined) read.moved.push({ target, thresholds, shard, end });
    }
    yield;
  }
}

/** Returns the thresholds that are set in options. */
function thresholdsOf({ rise, fall }: TargetOptions): Partial<Thresholds> {
  return { ...rise !== undefined && { rise }, ...fall !== undefined && { fall } };
}
