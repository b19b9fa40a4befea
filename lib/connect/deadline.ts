/** Bounded waits, which count neither a busy event loop nor late deliveries as the target's silence. */

/**
 * Turns of a busy event loop after which every outcome is delivered that the system had before.
 *
 * While the event loop has other work, Tokio polls the system once in 61 polls of tasks (its `event_interval`), and each
 * turn is one or two polls. The background jobs of V8 count as work, and on a busy machine they take long. After Tokio
 * has polled the system, Deno delivers up to 128 outcomes a turn, the newest first (Tokio's budget of a task is 128
 * steps). A few turns more suffice for all probes of an engine, because it starts at most 32 of them a turn.
 */
const TURNS = 61 + 8;

/** Longest duration of a quick turn in ms. Tokio was idle within such a turn, and polled the system. */
const QUICK_MS = 2;
/** How many turns of a busy event loop a quick one counts for. */
const TURNS_PER_QUICK_TURN = 12;

/** Waits for the first of some promises, for a time in ms. Returns `undefined` after the time. */
export async function within<T>(ms: number, promises: readonly Promise<T>[]): Promise<T | undefined> {
  if (ms === Infinity) return await Promise.race(promises);
  const { promise: expired, resolve: expire } = Promise.withResolvers<void>();
  const timer = setTimeout(expire, Math.max(0, Math.ceil(ms)));
  try {
    return await Promise.race([...promises, expired]) ?? undefined;
  } finally {
    clearTimeout(timer);
  }
}

/**
 * Waits for the first of some promises, for a time in ms, and then for values that the system has and that the event loop
 * has yet to deliver. It counts turns, not time, because a turn takes a millisecond in an idle process, and a second in a
 * busy one. Returns `undefined` if there is no value.
 */
export async function byDeadline<T>(ms: number, promises: readonly Promise<T>[]): Promise<T | undefined> {
  let value = await within(ms, promises);
  for (let turns = 0; value === undefined && turns < TURNS;) {
    value = await Promise.race([...promises, nextTurn().then((count) => void (turns += count))]);
  }
  return value;
}

let turn: Promise<number> | undefined;

/** Waits for the next turn of the event loop. Returns how many turns of a busy event loop it counts for. */
function nextTurn(): Promise<number> {
  return turn ??= new Promise((resolve) => {
    const startedAt = performance.now();
    setTimeout(() => {
      turn = undefined;
      resolve(performance.now() - startedAt > QUICK_MS ? 1 : TURNS_PER_QUICK_TURN);
    }, 0);
  });
}

/** Rounds a difference of two times in ms to whole nanoseconds, as the native library counts them. */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
