/** Words of an agent: what it says of each of its targets, and which of that the fleet has not read yet. */

import {
  type CheckResult,
  type Clock,
  type MonitorObserver,
  type PublishedEvent,
  SYSTEM_CLOCK,
  type TargetState,
} from "@tcp-shaker/monitor";
import { shareOf, sliceOf } from "../assignment/shares.ts";
import { encode } from "../protocol/codec.ts";
import { SLICES } from "../protocol/limits.ts";
import type { Word } from "../protocol/words.ts";
import { mayVote } from "../vote/may_vote.ts";
import { Pace } from "./pace.ts";

/** How many results in a row a target takes to turn. */
export interface Thresholds {
  readonly rise: number;
  readonly fall: number;
}

/** What is known of a target. */
interface Entry {
  thresholds: Thresholds;
  /** Checks that passed or failed in this epoch, up to the greater threshold: no more are needed. */
  results: number;
  sequence: number;
  reason: string | null;
  word: Word;
}

/** Which process, and which of its epochs, the words belong to. */
export interface Speaker {
  readonly boot: string;
  readonly epoch: number;
}

/** The words of a slice, as a message. */
export interface EncodedSlice {
  readonly index: number;
  readonly data: Uint8Array;
}

/** Observer of a monitor that keeps the words about its targets, by slice. */
export class Words implements MonitorObserver {
  readonly #stateOf: (id: string) => TargetState | undefined;
  readonly #slices: readonly Map<string, Entry>[] = Array.from({ length: SLICES }, () => new Map());
  /** Targets whose word may have changed. */
  readonly #touched = new Set<string>();
  /** Slices that were not published since they changed. */
  readonly #pace: Pace;

  /**
   * @param stateOf The state of a target in the monitor.
   * @param clock Paces the messages.
   */
  constructor(stateOf: (id: string) => TargetState | undefined, clock: Clock = SYSTEM_CLOCK) {
    this.#stateOf = stateOf;
    this.#pace = new Pace(clock);
  }

  /** Sets the targets. The others lose their words. */
  setTargets(targets: ReadonlyMap<string, Thresholds>): void {
    this.#slices.forEach((slice, index) => {
      for (const id of slice.keys()) {
        if (targets.has(id)) continue;
        slice.delete(id);
        this.#pace.changed(index, "deferred");
      }
    });
    for (const [id, thresholds] of targets) {
      const slice = this.#sliceOf(id);
      const entry = slice.get(id);
      if (entry !== undefined) entry.thresholds = thresholds;
      else {
        const word: Word = [id, "unknown", 0, 0, 0, null];
        slice.set(id, { thresholds, results: 0, sequence: 0, reason: null, word });
      }
    }
  }

  /** Begins an epoch: no state votes until it has as many results as it takes to turn. */
  beginEpoch(): void {
    this.#slices.forEach((slice, index) => {
      if (slice.size > 0) this.#pace.changed(index, "deferred");
      for (const [id, entry] of slice) {
        entry.results = 0;
        this.#touched.add(id);
      }
    });
  }

  checked(id: string, outcome: Parameters<MonitorObserver["checked"]>[1]): void {
    if (outcome !== "pass" && outcome !== "fail") return;
    const entry = this.#sliceOf(id).get(id);
    if (entry === undefined || entry.results >= Math.max(entry.thresholds.rise, entry.thresholds.fall)) return;
    entry.results++;
    this.#touched.add(id);
  }

  published(event: PublishedEvent): void {
    if (event.type !== "transition" && event.type !== "maintenance") return;
    const entry = this.#sliceOf(event.id).get(event.id);
    if (entry === undefined) return;
    entry.sequence = event.sequence;
    entry.reason = event.type === "transition" && event.to === "down" ? reasonOf(event.result) : null;
    this.#touched.add(event.id);
  }

  /** Whether the agent votes on a target. */
  votes(id: string): boolean {
    this.#refresh(id);
    return (this.#sliceOf(id).get(id)?.word[1] ?? "unknown") !== "unknown";
  }

  /**
   * Encodes slices that are due. They count as published, until {@linkcode Words.failed} is called.
   *
   * @param count How many at most.
   * @param speaker Whose words they are.
   * @returns The slices.
   */
  takeSlices(count: number, { boot, epoch }: Speaker): EncodedSlice[] {
    for (const id of this.#touched) this.#refresh(id);
    this.#touched.clear();
    const slices: EncodedSlice[] = [];
    while (slices.length < count) {
      const index = this.#pace.next();
      if (index === undefined) break;
      const data = encode({ boot, epoch, words: Array.from(this.#slices[index].values(), ({ word }) => word) });
      this.#pace.published(index, data.length);
      slices.push({ index, data });
    }
    return slices;
  }

  /** Notes that a slice could not be published. */
  failed(index: number): void {
    this.#pace.changed(index, "prompt");
  }

  #refresh(id: string): void {
    const index = sliceOf(shareOf(id));
    const entry = this.#slices[index].get(id);
    const state = this.#stateOf(id);
    if (entry === undefined || state === undefined) return;
    const { results, thresholds, sequence } = entry;
    const said = mayVote(state.state, results, thresholds) ? state.state : "unknown";
    const [, before, since] = entry.word;
    if (said === before && state.since === since) return;
    entry.word = [id, said, state.since, sequence, results, said === "down" ? entry.reason : null];
    this.#pace.changed(index, said === "down" || before === "down" ? "prompt" : "deferred");
  }

  #sliceOf(id: string): Map<string, Entry> {
    return this.#slices[sliceOf(shareOf(id))];
  }
}

/** Why a check failed. */
function reasonOf(result: CheckResult | undefined): string {
  return result?.status ?? "reports";
}
