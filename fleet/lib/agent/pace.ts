/**
 * Pace of reports: which of the slices that have changed are published now. The bytes per second are bounded, because a
 * hub reads the reports of all agents, and each message has all reports of its slice.
 */

import type { Clock } from "@tcp-shaker/monitor";
import { SLICES } from "../protocol/limits.ts";
import { ByteBudget } from "./byte_budget.ts";

/** How urgent a change is: prompt if a target goes down or comes back, else deferred. */
export type Urgency = "prompt" | "deferred";

/** How long a deferred change waits for others of its slice, in ms. */
const WAIT = 2000;
/** The least time between two messages of the same slice, in ms. */
const GAP = 1000;
/** Bytes per second, and at once, for each urgency. */
const BYTES: Readonly<Record<Urgency, { perSecond: number; burst: number }>> = {
  prompt: { perSecond: 128 * 1024, burst: 256 * 1024 },
  deferred: { perSecond: 32 * 1024, burst: 64 * 1024 },
};

/** A slice that waits. */
interface Waiting {
  readonly urgency: Urgency;
  readonly due: number;
}

/** Queue of the slices that have changed, the one that is due first at the front. */
export class Pace {
  readonly #clock: Clock;
  readonly #budgets: Readonly<Record<Urgency, ByteBudget>>;
  readonly #waiting = new Map<number, Waiting>();
  /** When each slice was last published. */
  readonly #published = new Float64Array(SLICES).fill(-Infinity);

  /** @param clock The clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
    const budget = ({ perSecond, burst }: typeof BYTES[Urgency]) => new ByteBudget(perSecond, burst, clock);
    this.#budgets = { prompt: budget(BYTES.prompt), deferred: budget(BYTES.deferred) };
  }

  /** Notes that a slice has changed. A deferred change does not put off a prompt one. */
  changed(slice: number, urgency: Urgency): void {
    const before = this.#waiting.get(slice);
    if (before !== undefined && (before.urgency === "prompt" || urgency === "deferred")) return;
    const now = this.#clock.now();
    const due = Math.max(now + (urgency === "prompt" ? 0 : WAIT), this.#published[slice] + GAP);
    this.#waiting.set(slice, { urgency, due: Math.min(due, before?.due ?? Infinity) });
  }

  /** The slice to publish now; `undefined` if none is due, or its budget is spent. */
  next(): number | undefined {
    const now = this.#clock.now();
    const isOpen = { prompt: this.#budgets.prompt.isOpen, deferred: this.#budgets.deferred.isOpen };
    let [first, least]: [number | undefined, number] = [undefined, Infinity];
    for (const [slice, { urgency, due }] of this.#waiting) {
      if (due > now || due >= least || !isOpen[urgency]) continue;
      [first, least] = [slice, due];
    }
    return first;
  }

  /** Records that a slice was published, and its size in bytes. */
  published(slice: number, bytes: number): void {
    const waiting = this.#waiting.get(slice);
    if (waiting !== undefined) this.#budgets[waiting.urgency].spend(bytes);
    this.#waiting.delete(slice);
    this.#published[slice] = this.#clock.now();
  }
}
