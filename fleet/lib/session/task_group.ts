/** Task group: concurrent tasks, all of which end when one fails (structured concurrency). */

import { pause } from "./pause.ts";
import { untilAborted } from "./until_aborted.ts";

/** How long tasks may take to end after their signal, in ms: twice as long as the sinks of a hub take to close. */
const END_TIMEOUT = 3000;

/**
 * Runs tasks concurrently until all have ended. When one fails, the signal of the others aborts, and the group waits for
 * their end before it rejects.
 *
 * After its signal a task has 3 s to end. Then the group ends without it, because a request that is never answered must
 * not keep a process from its end, or from its next connection.
 *
 * @param signal Ends all tasks.
 * @param tasks The tasks. One that goes on after its signal must change nothing that outlasts the group.
 * @throws {unknown} The first error.
 */
export async function runTaskGroup(
  signal: AbortSignal,
  tasks: readonly ((signal: AbortSignal) => Promise<void>)[],
): Promise<void> {
  const failure = new AbortController();
  const either = AbortSignal.any([signal, failure.signal]);
  const running = Promise.all(tasks.map((task) => task(either).catch((error) => failure.abort(error))));
  await untilAborted(running, either);
  const ended = new AbortController();
  await Promise.race([running, pause(END_TIMEOUT, ended.signal)]);
  ended.abort();
  failure.signal.throwIfAborted();
}
