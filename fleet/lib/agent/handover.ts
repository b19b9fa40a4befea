/**
 * Handover of shares: targets that move to another agent are still checked until the other agent has its first verdicts.
 * Otherwise a fleet that grows would lose votes until then.
 */

import type { Clock, TargetOptions } from "@tcp-shaker/monitor";
import { DEFAULT_INTERVAL, DEFAULT_SPREAD } from "@tcp-shaker/monitor/parts";
import type { ListedTarget } from "../list/target_line.ts";
import type { AssignedTarget, Thresholds } from "./assigned_target.ts";

/** Options of {@linkcode Handover}. */
export interface HandoverOptions {
  /** Time in ms that the other agent has beyond its checks: to compute its assignment, and to publish. */
  readonly margin: number;
  /** Whether the agent votes on a target. Only targets with a vote are handed over. */
  readonly votes: (id: string) => boolean;
  readonly clock: Clock;
}

/** Move of a share to other agents. */
interface Move {
  readonly witnesses: string;
  readonly at: number;
}

/** Target of a share that has moved. */
export interface MovedTarget extends AssignedTarget {
  readonly share: number;
  /** When it is dropped. */
  readonly end: number;
}

/** Shares that have moved to other agents, and when. */
export class Handover {
  readonly #options: HandoverOptions;
  /** The agent's own shares, one byte per share. */
  #own: Uint8Array | undefined;
  readonly #moved = new Map<number, Move>();
  /** The shares of which a target is kept by the current assignment, and the time when the first one is dropped. */
  readonly #kept = new Set<number>();
  #nextEnd = Infinity;

  /** @param options The options. */
  constructor(options: HandoverOptions) {
    this.#options = options;
  }

  /**
   * Begins an assignment: notes which shares have moved since the last one. A share moves again if its witnesses change
   * once more, because the latest ones need their time, too.
   *
   * @param own The agent's own shares: one byte per share.
   * @param witnessesOf The names of a share's witnesses.
   * @returns The steps, one per share.
   */
  *begin(own: Uint8Array, witnessesOf: (share: number) => readonly string[]): Generator<void, void> {
    const at = this.#options.clock.now();
    const left = (share: number) => own[share] === 0 && (this.#own?.[share] === 1 || this.#moved.has(share));
    for (let share = 0; share < own.length; share++) {
      if (!left(share)) this.#moved.delete(share);
      else {
        const witnesses = witnessesOf(share).join();
        if (this.#moved.get(share)?.witnesses !== witnesses) this.#moved.set(share, { witnesses, at });
      }
      yield;
    }
    this.#own = own;
    this.#kept.clear();
    this.#nextEnd = Infinity;
  }

  /**
   * Computes when a target of another agent's share is dropped.
   *
   * @param target The target.
   * @param share Its share.
   * @param thresholds Its thresholds.
   * @param defaults Default options of all targets.
   * @returns The time; `undefined` if the share has not moved, or the time has passed.
   */
  endOf(target: ListedTarget, share: number, { rise, fall }: Thresholds, defaults: TargetOptions): number | undefined {
    const move = this.#moved.get(share);
    if (move === undefined) return undefined;
    const { interval = defaults.interval ?? DEFAULT_INTERVAL } = target;
    const end = move.at + Math.max(rise, fall) * interval * (1 + DEFAULT_SPREAD) + this.#options.margin;
    return end > this.#options.clock.now() ? end : undefined;
  }

  /**
   * Chooses the moved targets that are still checked: those with a vote. Call it in the turn of the event loop in which
   * the assignment takes effect, because a target may get its first vote at any time before.
   *
   * @param moved The moved targets.
   * @returns The targets to keep.
   */
  keep(moved: readonly MovedTarget[]): MovedTarget[] {
    const kept = moved.filter(({ target }) => this.#options.votes(target.id));
    for (const { share, end } of kept) {
      this.#kept.add(share);
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
    for (const share of this.#moved.keys()) if (!this.#kept.has(share)) this.#moved.delete(share);
    return this.#kept.size === 0 ? undefined : this.#nextEnd - this.#options.clock.now();
  }
}
