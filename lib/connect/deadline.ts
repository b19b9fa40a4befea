/** Deadlines that allow for a busy event loop, whose late deliveries are not timeouts of the target. */

/**
 * Number of turns in which a busy event loop delivers every outcome that the system already has.
 *
 * While the event loop has other work, Tokio polls the system once in 61 polls of tasks (its `event_interval`), and each
 * turn is one or two polls. The background jobs of V8 count as work, and on a busy machine they take long. After the poll
 * of the system, Deno delivers up to 128 outcomes per turn, the newest first (Tokio's budget of a task is 128 steps). A few
 * more turns suffice for all probes of an engine, because it starts at most 32 per turn.
 */
const TURNS = 61 + 8;

/** Maximum duration of a quick turn in ms. In a quick turn Tokio was idle, and polled the system. */
const QUICK_MS = 2;
/** The number of busy turns that a quick turn counts for. */
const TURNS_PER_QUICK_TURN = 12;

/** Waits for the first of the promises, for at most `ms`. Returns `undefined` after that time. */
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

/** Waits for the next turn of the event loop. Returns the number of busy turns that it counts for. */
function nextTurn(): Promise<number> {
  return turn ??= new Promise((resolve) => {
    const startedAt = performance.now();
    setTimeout(() => {
      turn = undefined;
      resolve(performance.now() - startedAt > QUICK_MS ? 1 : TURNS_PER_QUICK_TURN);
    }, 0);
  });
}

/** Rounds a duration in ms to whole nanoseconds, the resolution of the native library. */
export function toNanoseconds(ms: number): number {
  return Math.round(ms * 1e6) / 1e6;
}
