/**
 * Handover of shards: targets that move to another agent are still checked until the other agent has its first
 * verdicts. Without a handover a growing fleet would lose votes for that time.
 */

import type { Clock, TargetOptions } from "@tcp-shaker/monitor";
import { DEFAULT_INTERVAL, DEFAULT_SPREAD } from "@tcp-shaker/monitor/parts";
import type { ListedTarget } from "../list/target_line.ts";
import type { AssignedTarget, Thresholds } from "./assigned_target.ts";

/** Options of {@linkcode Handover}. */
export interface HandoverOptions {
  /** Time in ms for the other agent to compute its assignment and to publish, in addition to its checks. */
  readonly margin: number;
  /** Whether the agent votes on a target. Only targets with a vote are handed over. */
  readonly votes: (id: string) => boolean;
  readonly clock: Clock;
}

/** Move of a shard to other agents. */
interface Move {
  readonly witnesses: string;
  readonly at: number;
}

/** Target of a shard that has moved. */
export interface MovedTarget extends AssignedTarget {
  readonly shard: number;
  /** When the target is dropped. */
  readonly end: number;
}

/** Shards that have moved to other agents, and when. */
export class Handover {
  readonly #options: HandoverOptions;
  /** The agent's own shards, one byte per shard. */
  #own: Uint8Array | undefined;
  readonly #moved = new Map<number, Move>();
  /** Shards with targets that the current assignment keeps, and the time when the first target is dropped. */
  readonly #kept = new Set<number>();
  #nextEnd = Infinity;

  /** @param options The options. */
  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /**
   * Begins an assignment: records the shards that have moved since the last one. If a shard's witnesses change again,
   * its time restarts, because the latest witnesses need this time, too.
   *
   * @param own The agent's own shards: one byte per shard.
   * @param witnessesOf The names of a shard's witnesses.
   * @returns The steps, one per shard.
   */
  *begin(own: Uint8Array, witnessesOf: (shard: number) => readonly string[]): Generator<void, void> {
    const at = this.#options.clock.now();
    const left = (shard: number) => own[shard] === 0 && (this.#own?.[shard] === 1 || this.#moved.has(shard));
    for (let shard = 0; shard < own.length; shard++) {
      if (!left(shard)) this.#moved.delete(shard);
      else {
        const witnesses = witnessesOf(shard).join();
        if (this.#moved.get(shard)?.witnesses !== witnesses) this.#moved.set(shard, { witnesses, at });
      }
      yield;
    }
    this.#own = own;
    this.#kept.clear();
    this.#nextEnd = Infinity;
  }

  /**
   * Computes when a target of another agent's shard is dropped.
   *
   * @param target The target.
   * @param shard The target's shard.
   * @param thresholds The target's thresholds.
   * @param defaults Default options of all targets.
   * @returns The time; `undefined` if the shard has not moved, or the time has passed.
   */
  endOf(target: ListedTarget, shard: number, { rise, fall }: Thresholds, defaults: TargetOptions): number | undefined {
    const move = this.#moved.get(shard);
    if (move === undefined) return undefined;
    const { interval = defaults.interval ?? DEFAULT_INTERVAL } = target;
    const end = move.at + Math.max(rise, fall) * interval * (1 + DEFAULT_SPREAD) + this.#options.margin;
    return end > this.#options.clock.now() ? end : undefined;
  }

  /**
   * Returns the moved targets that are still checked, because the agent votes on them. Call it in the event-loop turn
   * in which the assignment takes effect, because the agent may get a vote at any time before.
   *
   * @param moved The moved targets.
   * @returns The targets to keep.
   */
  keep(moved: readonly MovedTarget[]): MovedTarget[] {
    const kept = moved.filter(({ target }) => this.#options.votes(target.id));
    for (const { shard, end } of kept) {
      this.#kept.add(shard);
      this.#nextEnd = Math.min(this.#nextEnd, end);
    }
    return kept;
  }

  /**
   * Ends an assignment that has taken effect.
   *
   * @returns Time in ms until the next target is dropped; `undefined` if no target is kept.
   */
  end(): number | undefined {
    for (const shard of this.#moved.keys()) if (!this.#kept.has(shard)) this.#moved.delete(shard);
    return this.#kept.size === 0 ? undefined : this.#nextEnd - this.#options.clock.now();
  }
}
