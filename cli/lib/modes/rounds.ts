/** Checks of all targets, again and again. */

import { setTimeout as delay } from "node:timers/promises";
import type { Command } from "../command.ts";
import { type Request, request, type Target } from "../targets/target.ts";

/**
 * Gives the checks of all rounds, each round when it is due. One that is late is not made up for.
 *
 * @param targets The targets.
 * @param command How many rounds, and how often.
 * @param signal Ends the waiting.
 * @returns The checks.
 */
export async function* inRounds(
  targets: readonly Target[],
  { rounds, interval }: Command,
  signal: AbortSignal,
): AsyncGenerator<Request, void, void> {
  let number = 0;
  let due = performance.now();
  for (let round = 1; round <= rounds; round++) {
    const wait = due - performance.now();
    if (wait > 0) await delay(Math.ceil(wait), undefined, { signal });
    for (const target of targets) yield request(target, number++, round);
    due = Math.max(due + interval, performance.now());
  }
}
