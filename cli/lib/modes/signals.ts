/** Signals that a running mode reacts to, beside the termination signals. */

/** The signal that requests statistics; Windows has none. */
export const STATISTICS_SIGNAL = "SIGUSR1";

/**
 * Listens to a signal, where there are any.
 *
 * @param name The signal.
 * @param listener Called for each one.
 * @returns The function that stops listening.
 */
export function onSignal(name: Deno.Signal, listener: () => void): () => void {
  if (Deno.build.os === "windows") return () => {};
  Deno.addSignalListener(name, listener);
  return () => Deno.removeSignalListener(name, listener);
}
