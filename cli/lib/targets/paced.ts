/** No more than so many a second. */

import { setTimeout as delay } from "node:timers/promises";

/** What may come at once, as so many ms of it: timers are no finer than a millisecond, and often later. */
const BURST_MS = 10;

/**
 * Gives each its turn, so that no more than so many a second come: a token bucket, in the form that keeps nothing but the
 * time at which the next token is due (GCRA, ITU-T I.371).
 */
export class Pace {
  readonly #step: number;
  #due = performance.now();

  /** @param rate How many a second. */
  constructor(rate: number) {
    this.#step = 1000 / rate;
  }

  /** Takes the next turn, and tells how long to wait for it, in ms: 0 or less if it is there. */
  next(): number {
    const now = performance.now();
    const turn = Math.max(this.#due, now - BURST_MS);
    this.#due = turn + this.#step;
    return turn - now;
  }
}

/**
 * Holds items back, so that no more than so many a second pass.
 *
 * @param items What passes.
 * @param rate How many a second.
 * @param signal Ends the waiting.
 * @returns The items.
 */
export async function* paced<Item>(
  items: AsyncIterable<Item>,
  rate: number,
  signal: AbortSignal,
): AsyncGenerator<Item, void, void> {
  const pace = new Pace(rate);
  for await (const item of items) {
    const wait = pace.next();
    if (wait > 0) await delay(Math.ceil(wait), undefined, { signal });
    yield item;
  }
}
