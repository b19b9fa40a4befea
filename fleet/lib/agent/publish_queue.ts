/**
 * Publish queue of an agent: slices with changed reports, in the order of their due times. It limits the bytes per
 * second, because each message has all reports of its slice, and every hub reads the messages of all agents.
 */

import type { Clock } from "@tcp-shaker/monitor";
import { SLICES } from "../protocol/limits.ts";
import { ByteBudget } from "./byte_budget.ts";

/** Urgency of a change: prompt if a target goes down or recovers, else deferred. */
export type Urgency = "prompt" | "deferred";

/** Time in ms for which a deferred change waits for other changes of its slice. */
const WAIT = 2000;
/** Minimum time between two messages of one slice, in ms. */
const GAP = 1000;
/** Minimum rate in bytes per second, and burst in bytes, by urgency. */
const BYTES: Readonly<Record<Urgency, { min: number; burst: number }>> = {
  prompt: { min: 128 * 1024, burst: 256 * 1024 },
  deferred: { min: 32 * 1024, burst: 64 * 1024 },
};
/**
 * Rate of all agents in bytes per second, and maximum rate of one agent. A hub needs a quarter of a core to read the
 * rate of all; at four times the rate it fell behind on a busy machine.
 */
const ALL_AGENTS = 1024 * 1024;
const ONE_AGENT = 256 * 1024;

/**
 * Time in ms after which an unchanged slice is published again, because the server deletes messages after 30 days, and
 * later readers would miss the reports on targets that never change.
 */
const REFRESH_EVERY = 86_400_000;

/** A queued slice. */
interface Waiting {
  readonly urgency: Urgency;
  readonly due: number;
}

/** Priority queue of changed slices, with a token bucket of bytes per urgency. */
export class PublishQueue {
  readonly #clock: Clock;
  readonly #budgets: Readonly<Record<Urgency, ByteBudget>>;
  readonly #waiting = new Map<number, Waiting>();
  /** When each slice was last published. */
  readonly #published = new Float64Array(SLICES).fill(-Infinity);

  /** @param clock The clock. */
  constructor(clock: Clock) {
    this.#clock = clock;
    const budget = ({ min, burst }: typeof BYTES[Urgency]) => new ByteBudget(min, burst, clock);
    this.#budgets = { prompt: budget(BYTES.prompt), deferred: budget(BYTES.deferred) };
  }

  /**
   * Divides the rate of all agents among the present agents. One agent has at most 256 KiB per second, and at least 32
   * KiB (deferred) or 128 KiB (prompt).
   *
   * @param count The number of agents.
   */
  setAgents(count: number): void {
    const share = Math.min(ALL_AGENTS / count, ONE_AGENT);
    for (const urgency of ["prompt", "deferred"] as const) {
      this.#budgets[urgency].setRate(Math.max(share, BYTES[urgency].min));
    }
  }

  /** Queues a slice that has changed. A deferred change does not delay a prompt one. */
  markChanged(slice: number, urgency: Urgency): void {
    const before = this.#waiting.get(slice);
    if (before !== undefined && (before.urgency === "prompt" || urgency === "deferred")) return;
    const now = this.#clock.now();
    const due = Math.max(now + (urgency === "prompt" ? 0 : WAIT), this.#published[slice] + GAP);
    this.#waiting.set(slice, { urgency, due: Math.min(due, before?.due ?? Infinity) });
  }

  /** Queues slices that were published a day ago and have not changed since. */
  markStale(): void {
    const now = this.#clock.now();
    this.#published.forEach((at, slice) => {
      if (at !== -Infinity && now - at >= REFRESH_EVERY) this.markChanged(slice, "deferred");
    });
  }

  /** Returns the slice to publish now; `undefined` if none is due, or its budget is spent. */
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

  /** Removes a published slice, and spends the size of its message. */
  markPublished(slice: number, bytes: number): void {
    const waiting = this.#waiting.get(slice);
    if (waiting !== undefined) this.#budgets[waiting.urgency].spend(bytes);
    this.#waiting.delete(slice);
    this.#published[slice] = this.#clock.now();
  }
}
