/** Abort multiplexer: all operations of a signal share one listener. */

/** Operation that a signal can abort. */
export interface Abortable {
  /** Aborts the operation with the signal's reason. */
  abort(reason: unknown): void;
}

/** Registered operations by signal. A signal gets one listener, because adding one takes time linear in their number. */
const operations = new WeakMap<AbortSignal, Set<Abortable>>();

/**
 * Registers an operation to abort with a signal.
 *
 * @param signal The signal, which has not aborted yet.
 * @param operation The operation.
 */
export function onAbort(signal: AbortSignal, operation: Abortable): void {
  const registered = operations.get(signal);
  if (registered !== undefined) {
    registered.add(operation);
    return;
  }
  operations.set(signal, new Set([operation]));
  signal.addEventListener("abort", abortAll, { once: true });
}

/** Unregisters an operation that has ended. Removes the signal's listener with the last operation. */
export function offAbort(signal: AbortSignal, operation: Abortable): void {
  const registered = operations.get(signal);
  if (!registered?.delete(operation) || registered.size > 0) return;
  operations.delete(signal);
  signal.removeEventListener("abort", abortAll);
}

function abortAll({ target }: Event): void {
  const signal = target as AbortSignal;
  const registered = operations.get(signal)!;
  operations.delete(signal);
  for (const operation of registered) operation.abort(signal.reason);
}
