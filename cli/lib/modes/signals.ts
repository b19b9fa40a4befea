/** Signals other than the termination signals. */

/**
 * Signals that request statistics; Windows has none. Only SIGUSR2 is documented: on SIGUSR1, Deno 2.9.2 and later also
 * opens its debugger, a port of 127.0.0.1 through which all users of the machine can run code in the process.
 */
const STATISTICS_SIGNALS = ["SIGUSR2", "SIGUSR1"] as const;

/**
 * Listens to the signals that request statistics.
 *
 * @param listener Called for each one.
 * @returns The function that stops listening.
 */
export function onStatisticsSignal(listener: () => void): () => void {
  const stops = STATISTICS_SIGNALS.map((name) => onSignal(name, listener));
  return () => stops.forEach((stop) => stop());
}

/**
 * Listens to a signal. Does nothing on Windows.
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
