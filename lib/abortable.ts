/** Who is told when a signal aborts. */

/** What a signal can end. */
export interface Abortable {
  /** Ends it, with the signal's reason. */
  abort(reason: unknown): void;
}

/** One listener a signal: each one more takes Deno longer to add, which thousands of checks with one signal would feel. */
const watchers = new WeakMap<AbortSignal, Set<Abortable>>();

/**
 * Has a signal end something.
 *
 * @param signal The signal, which has not aborted yet.
 * @param watcher What it ends.
 */
export function watch(signal: AbortSignal, watcher: Abortable): void {
  const known = watchers.get(signal);
  if (known !== undefined) {
    known.add(watcher);
    return;
  }
  watchers.set(signal, new Set([watcher]));
  signal.addEventListener("abort", onAbort, { once: true });
}

/**
 * Leaves something alone that has come to its end. The signal keeps nothing of it.
 *
 * @param signal The signal.
 * @param watcher What it would have ended.
 */
export function unwatch(signal: AbortSignal, watcher: Abortable): void {
  const known = watchers.get(signal);
  if (!known?.delete(watcher) || known.size > 0) return;
  watchers.delete(signal);
  signal.removeEventListener("abort", onAbort);
}

function onAbort({ target }: Event): void {
  const signal = target as AbortSignal;
  const known = watchers.get(signal)!;
  watchers.delete(signal);
  for (const watcher of known) watcher.abort(signal.reason);
}
