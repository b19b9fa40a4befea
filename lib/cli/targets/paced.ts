/** No more than so many a second. */

import { setTimeout as delay } from "node:timers/promises";

/** What may come at once, as so many ms of it: timers are no finer than a millisecond, and often later. */
const BURST_MS = 10;

/**
 * Holds items back, so that no more than so many a second pass: a token bucket, in the form that keeps nothing but the
 * time at which the next token is due (GCRA, ITU-T I.371).
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
  let due = performance.now();
  for await (const item of items) {
    const wait = due - performance.now();
    if (wait > 0) await delay(Math.ceil(wait), undefined, { signal });
    yield item;
    due = Math.max(due, performance.now() - BURST_MS) + 1000 / rate;
  }
}
