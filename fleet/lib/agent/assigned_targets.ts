/** Assigned targets: the part of the target list that an agent checks. */

import type { MonitorTarget, TargetOptions } from "@tcp-shaker/monitor";
import { Assignment, type Candidate } from "../assignment/rendezvous.ts";
import { shareOf } from "../assignment/shares.ts";
import { readTargets } from "../list/read.ts";
import type { ListStore } from "../list/store.ts";
import type { ListedTarget } from "../list/target_line.ts";
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

/** The monitor's own defaults. */
const DEFAULTS: Thresholds = { rise: 2, fall: 3 };

/** Input of {@linkcode readAssignedTargets}. */
export interface AssignmentSource {
  /** The agent's name. */
  readonly name: string;
  /** The agents that are present, also this one. */
  readonly agents: readonly Candidate[];
  readonly list: SavedList;
  readonly saved: SavedState;
  /** Reads chunks that are not saved. */
  readonly store: Pick<ListStore, "chunk">;
  /** Shares that the agent still checks because they moved to another agent a moment ago: one byte per share. */
  readonly kept?: Uint8Array;
  /** Whether the agent votes on a target. Of the kept shares only targets with a vote are assigned. */
  readonly votes: (id: string) => boolean;
}

/**
 * Reads the targets of which an agent is a witness. The list is read chunk by chunk, so that it is never in memory as a
 * whole.
 *
 * @param source The list, and the agents.
 * @returns The targets, and the agent's own shares: one byte per share.
 * @throws {ListError} If a chunk is missing or damaged.
 */
export async function readAssignedTargets(
  source: AssignmentSource,
): Promise<{ assigned: AssignedTargets; own: Uint8Array }> {
  const { name, agents, list: { digest, manifest }, saved, store, kept, votes } = source;
  const own = new Assignment(agents, manifest.vote.witnesses).sharesOf(name);
  const defaults = manifest.monitor as TargetOptions;
  const common: Thresholds = { ...DEFAULTS, ...thresholdsOf(defaults) };
  const targets: ListedTarget[] = [];
  const thresholds = new Map<string, Thresholds>();
  for await (const chunk of readTargets(store, manifest, saved)) {
    for (const target of chunk) {
      const share = shareOf(target.id);
      if (own[share] === 0 && !(kept?.[share] && votes(target.id))) continue;
      targets.push(target);
      const { rise, fall } = target;
      thresholds.set(
        target.id,
        rise === undefined && fall === undefined ? common : { ...common, ...thresholdsOf(target) },
      );
    }
  }
  return { assigned: { list: digest, targets, thresholds, defaults }, own };
}

/** The thresholds that options have. */
function thresholdsOf({ rise, fall }: TargetOptions): Partial<Thresholds> {
  return { ...rise !== undefined && { rise }, ...fall !== undefined && { fall } };
}
