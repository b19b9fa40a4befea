/** Assigned targets: the part of the target list that an agent checks. */

import type { MonitorTarget, TargetOptions } from "@tcp-shaker/monitor";
import { DEFAULT_VERDICT } from "@tcp-shaker/monitor/parts";
import { shareOf } from "../assignment/shares.ts";
import { readTargets } from "../list/read.ts";
import type { ListStore } from "../list/store.ts";
import type { ListedTarget } from "../list/target_line.ts";
import type { Handover } from "./handover.ts";
import type { SavedList, SavedState } from "./saved_state.ts";
import type { Thresholds } from "./target_reports.ts";

/** The targets that are assigned to an agent. */
export interface AssignedTargets {
  /** The digest of the list. */
  readonly list: string;
  readonly targets: readonly MonitorTarget[];
  /** The thresholds of each target, by id. */
  readonly thresholds: ReadonlyMap<string, Thresholds>;
  /** Defaults of the targets' options. */
  readonly defaults: TargetOptions;
}

const { rise, fall } = DEFAULT_VERDICT;
const DEFAULTS: Thresholds = { rise, fall };

/** Input of {@linkcode readAssignedTargets}. */
export interface AssignmentSource {
  /** The shares of which the agent is a witness: one byte per share. */
  readonly own: Uint8Array;
  readonly list: SavedList;
  readonly saved: SavedState;
  /** Reads chunks that are not saved. */
  readonly store: Pick<ListStore, "chunk">;
  /** Decides which targets of other shares are still checked. */
  readonly handover: Pick<Handover, "keeps">;
}

/**
 * Reads the targets of which an agent is a witness. The list is read chunk by chunk, so that it is never in memory as a
 * whole.
 *
 * @param source The list, and the agents.
 * @returns The targets.
 * @throws {ListError} If a chunk is missing or damaged.
 */
export async function readAssignedTargets(source: AssignmentSource): Promise<AssignedTargets> {
  const { own, list: { digest, manifest }, saved, store, handover } = source;
  const defaults = manifest.monitor as TargetOptions;
  const common: Thresholds = { ...DEFAULTS, ...thresholdsOf(defaults) };
  const targets: ListedTarget[] = [];
  const thresholds = new Map<string, Thresholds>();
  for await (const chunk of readTargets(store, manifest, saved)) {
    for (const target of chunk) {
      const share = shareOf(target.id);
      const { rise, fall } = target;
      const needed = rise === undefined && fall === undefined ? common : { ...common, ...thresholdsOf(target) };
      if (own[share] === 0 && !handover.keeps(target, share, needed, defaults)) continue;
      targets.push(target);
      thresholds.set(target.id, needed);
    }
  }
  return { list: digest, targets, thresholds, defaults };
}

/** The thresholds that options have. */
function thresholdsOf({ rise, fall }: TargetOptions): Partial<Thresholds> {
  return { ...rise !== undefined && { rise }, ...fall !== undefined && { fall } };
}
