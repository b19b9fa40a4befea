/** Wait for outcomes that the system has, and that Deno's event loop has yet to deliver. */

/**
 * Turns of a busy event loop after which every outcome is delivered that the system had before.
 *
 * While the event loop has other work, Tokio polls the system once in 61 polls of tasks (its `event_interval`), and each
 * turn is one or two polls. The background jobs of V8 count as work, and on a busy machine they take long. After Tokio
 * has polled the system, Deno delivers up to 128 outcomes a turn, the newest first (Tokio's budget of a task is 128
 * steps). A few turns more suffice for all sockets of an engine, because it opens at most 32 of them a turn.
 */
const TURNS = 61 + 8;

/** Longest duration of a quick turn in ms. Tokio was idle within such a turn, and polled the system. */
const QUICK_MS = 2;
/** How many turns of a busy event loop a quick one counts for. */
const TURNS_PER_QUICK_TURN = 12;

/** The callbacks that wait, and the turn of each; in the order of their turns. */
const waiting = new Map<() => void, number>();
let turn = 0;
let nextTurn: ReturnType<typeof setTimeout> | undefined;

/**
 * Calls back once every outcome is delivered that the system has now. It counts turns, not time, because a turn takes a
 * millisecond in an idle process, and a second in a busy one.
 *
 * @param callback The function to call.
 */
export function afterDeliveries(callback: () => void): void {
  waiting.set(callback, turn + TURNS);
  if (nextTurn === undefined) awaitTurn();
}

/**
 * Withdraws a callback. One that does not wait is ignored.
 *
 * @param callback The function that was passed to {@linkcode afterDeliveries}.
 */
export function withdrawFromDeliveries(callback: () => void): void {
  waiting.delete(callback);
  if (waiting.size > 0) return;
  clearTimeout(nextTurn);
  nextTurn = undefined;
}

function awaitTurn(): void {
  const start = performance.now();
  nextTurn = setTimeout(() => {
    turn += performance.now() - start > QUICK_MS ? 1 : TURNS_PER_QUICK_TURN;
    awaitTurn();
    for (const [callback, due] of waiting) {
      if (due > turn) return;
      withdrawFromDeliveries(callback);
      callback();
    }
  }, 0);
}
