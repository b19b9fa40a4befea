/** The target list in force while another list is planned. */

import type { Current, Manifest } from "../protocol/list.ts";
import { Malformed } from "../protocol/malformed.ts";
import { CURRENT_KEY } from "../protocol/subjects.ts";
import { ListError } from "./list_error.ts";
import type { ListStore } from "./store.ts";

/** The readable parts of the list in force. */
export interface PreviousList {
  /** The list; absent if there is none, or the key `current` is malformed. */
  readonly current?: Current;
  /** The manifest; also absent if a part of the list is missing or damaged. */
  readonly manifest?: Manifest;
  /** The revision of the key `current`; 0 if there has never been a list. */
  readonly revision: number;
  /** Why the list can't be read; absent if it can, or there is none. */
  readonly problem?: string;
}

/**
 * Reads the list in force.
 *
 * @param store The bucket.
 * @param digest The digest of the planned list. If it is in force, all its chunks are verified.
 * @returns The list in force, or why it can't be read.
 */
export async function readPreviousList(store: ListStore, digest: string): Promise<PreviousList> {
  const { current, revision } = await store.stored();
  if (current === undefined) return { revision };
  if (current instanceof Malformed) {
    return { revision, problem: `The key ${CURRENT_KEY} is malformed: ${current.problem}` };
  }
  try {
    const manifest = await store.manifest(current.digest);
    if (current.digest === digest) await store.verify(manifest);
    return { revision, current, manifest };
  } catch (error) {
    if (!(error instanceof ListError)) throw error;
    return { revision, current, problem: error.message };
  }
}
