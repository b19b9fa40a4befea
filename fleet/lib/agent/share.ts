/** The share of an agent: which targets of the list it checks. */

import type { MonitorTarget, TargetOptions } from "@tcp-shaker/monitor";
import { Assignment, type Candidate } from "../assignment/rendezvous.ts";
import { shareOf } from "../assignment/shares.ts";
import { readTargets } from "../list/read.ts";
import type { ListStore } from "../list/store.ts";
import type { ListedTarget } from "../list/target_line.ts";
import type { Saved, SavedList } from "./saved.ts";
import type { Thresholds } from "./target_reports.ts";

/** What an agent checks from now on. */
export interface Share {
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

/** What {@linkcode readShare} chooses from. */
export interface ShareSource {
  /** The agent's name. */
  readonly name: string;
  /** The agents that are present, also this one. */
  readonly agents: readonly Candidate[];
  readonly list: SavedList;
  readonly saved: Saved;
  /** Reads chunks that are not saved. */
  readonly store: Pick<ListStore, "chunk">;
  /** Shares that the agent keeps beside its own: one byte each. */
  readonly kept?: Uint8Array;
  /** Whether the agent votes on a target. Of the kept shares it keeps only targets that it votes on. */
  readonly votes: (id: string) => boolean;
}

/**
 * Reads the targets that an agent is a witness of. The list is read chunk by chunk, and the rest of it is forgotten.
 *
 * @param source What there is.
 * @returns The share, and the agent's own shares: one byte each.
 * @throws {ListError} If a chunk is missing or damaged.
 */
export async function readShare(source: ShareSource): Promise<{ share: Share; own: Uint8Array }> {
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
  return { share: { list: digest, targets, thresholds, defaults }, own };
}

/** The thresholds that options have. */
function thresholdsOf({ rise, fall }: TargetOptions): Partial<Thresholds> {
  return { ...rise !== undefined && { rise }, ...fall !== undefined && { fall } };
}
