/** Plan of a list: the keys to write, and the difference from the list in force. */

import type { TargetOptions } from "@tcp-shaker/monitor";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { encode } from "../protocol/codec.ts";
import { MAX_ID_BYTES, WITNESSES } from "../protocol/limits.ts";
import type { Manifest } from "../protocol/list.ts";
import { checkVote } from "../vote/verdict.ts";
import type { VoteOptions } from "../vote_options.ts";
import { checkSlices } from "./check_slices.ts";
import { type Chunk, chunksOf } from "./chunks.ts";
import { digestOf } from "./digest.ts";
import { compareLists, type ListDifference } from "./difference.ts";
import { type PreviousList, readPreviousList } from "./previous_list.ts";
import { ListError } from "./list_error.ts";
import type { ListStore } from "./store.ts";
import type { ListedTarget } from "./target_line.ts";

const ENCODER = new TextEncoder();

/** A target list. */
export interface TargetList {
  /** The targets, with distinct ids. */
  readonly targets: readonly ListedTarget[];
  /** Defaults of the targets' options. */
  readonly monitor: TargetOptions;
  /** Options of the vote. */
  readonly vote: VoteOptions;
}

/** A list that may be put in force. */
export interface ListPlan {
  readonly before: PreviousList;
  readonly manifest: Manifest;
  readonly digest: string;
  /** The chunks by digest. */
  readonly chunks: ReadonlyMap<string, Chunk>;
  readonly difference: ListDifference;
}

/**
 * Compares a list with the list in force. If the list in force is malformed or damaged, the list is compared with an
 * empty list, so that it can be replaced.
 *
 * @param store The bucket; `undefined` if there is none yet.
 * @param list The list.
 * @returns The plan.
 * @throws {RangeError} If a target's id or options are too long, the list has too many targets, or the vote needs more
 * witnesses than there are.
 */
export async function planList(store: ListStore | undefined, list: TargetList): Promise<ListPlan> {
  checkVote(list.vote);
  checkIds(list.targets);
  checkSlices(list.targets.map(({ id }) => id));
  const chunks = new Map<string, Chunk>();
  for (const chunk of chunksOf(list.targets)) chunks.set(await digestOf(chunk.data), chunk);
  const manifest: Manifest = {
    vote: { ...list.vote, witnesses: list.vote.witnesses ?? WITNESSES },
    monitor: { ...list.monitor },
    targets: list.targets.length,
    chunks: [...chunks].map(([digest, { data, targets }]) => ({ digest, bytes: data.length, targets })),
  };
  const digest = await digestOf(encode(manifest));
  const before: PreviousList = store === undefined ? { revision: 0 } : await readPreviousList(store, digest);
  const readChunk = (digest: string) => store!.chunk(digest);
  const planFrom = async (before: PreviousList): Promise<ListPlan> => {
    const difference = await compareLists(readChunk, before.manifest, manifest, chunks);
    return { before, manifest, digest, chunks, difference };
  };
  try {
    return await planFrom(before);
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    const { revision, current } = before;
    return await planFrom({ revision, ...current && { current }, problem: error.message });
  }
}

function checkIds(targets: readonly ListedTarget[]): void {
  for (const { id } of targets) {
    const { length } = ENCODER.encode(id);
    if (length > MAX_ID_BYTES) {
      throw new RangeError(`The id ${quote(id.slice(0, 64))}... has ${length} bytes: use at most ${MAX_ID_BYTES}`);
    }
  }
}
