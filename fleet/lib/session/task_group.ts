/** Task group (structured concurrency): concurrent tasks, which all end when one fails. */

import { pause } from "./pause.ts";
import { untilAborted } from "./until_aborted.ts";

/** Time limit for tasks to end after their signal, in ms: twice as long as the sinks of a hub take to close. */
const END_TIMEOUT = 3000;

/**
 * Runs tasks concurrently until all have ended. When one fails, the signal of the others aborts, and the group rejects
 * when they have ended.
 *
 * After its signal a task has 3 s to end. Then the group ends without it, because an unanswered request must not delay
 * the end of the process, or its next connection.
 *
 * @param signal Ends all tasks.
 * @param tasks The tasks. After its signal a task must not change anything that outlasts the group.
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
