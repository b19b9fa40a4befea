/**
 * Handover of shares: targets that move to another agent are still checked until the other agent has its first verdicts.
 * Otherwise a fleet that grows would lose votes until then.
 */

import type { Clock, TargetOptions } from "@tcp-shaker/monitor";
import { DEFAULT_INTERVAL, DEFAULT_SPREAD } from "@tcp-shaker/monitor/parts";
import type { ListedTarget } from "../list/target_line.ts";
import type { Thresholds } from "./target_reports.ts";

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
   */
  begin(own: Uint8Array, witnessesOf: (share: number) => readonly string[]): void {
    const at = this.#options.clock.now();
    const left = (share: number) => own[share] === 0 && (this.#own?.[share] === 1 || this.#moved.has(share));
    for (let share = 0; share < own.length; share++) {
      if (!left(share)) this.#moved.delete(share);
      else {
        const witnesses = witnessesOf(share).join();
        if (this.#moved.get(share)?.witnesses !== witnesses) this.#moved.set(share, { witnesses, at });
      }
    }
    this.#own = own;
    this.#kept.clear();
    this.#nextEnd = Infinity;
  }

  /**
   * Decides on a target whose share is not the agent's.
   *
   * @param target The target.
   * @param share Its share.
   * @param thresholds Its thresholds.
   * @param defaults Default options of all targets.
   * @returns Whether it is still checked.
   */
  keeps(target: ListedTarget, share: number, { rise, fall }: Thresholds, defaults: TargetOptions): boolean {
    const move = this.#moved.get(share);
    if (move === undefined || !this.#options.votes(target.id)) return false;
    const { interval = defaults.interval ?? DEFAULT_INTERVAL } = target;
    const end = move.at + Math.max(rise, fall) * interval * (1 + DEFAULT_SPREAD) + this.#options.margin;
    if (end <= this.#options.clock.now()) return false;
    this.#kept.add(share);
    this.#nextEnd = Math.min(this.#nextEnd, end);
    return true;
  }

  /**
   * Ends an assignment.
   *
   * @returns Time in ms until the next target is dropped; `undefined` if no target is kept.
   */
  end(): number | undefined {
    for (const share of this.#moved.keys()) if (!this.#kept.has(share)) this.#moved.delete(share);
    return this.#kept.size === 0 ? undefined : this.#nextEnd - this.#options.clock.now();
  }
}
