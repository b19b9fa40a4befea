/**
 * Shared parts of the modes with a configuration file: printing of events, and the run until a signal, with reloads.
 */

import type { ConfigurationProblem, ReloadStatus } from "@tcp-shaker/monitor/agent";
import type { MonitorEvent } from "@tcp-shaker/monitor";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { print, printError, untilWritable } from "../output.ts";
import { onSignal } from "./signals.ts";

/** An agent or a hub. */
interface Daemon {
  /** Resolves after the last event. */
  readonly finished: Promise<void>;
  reload(): Promise<ReloadStatus>;
}

/**
 * Makes a function that prints events, and waits while stdout is full.
 *
 * @param text Formats an event; `undefined` prints none.
 * @param signal Ends the wait.
 */
export function eventPrinter(
  text: ((event: MonitorEvent) => string) | undefined,
  signal: AbortSignal,
): (event: MonitorEvent) => Promise<void> {
  return async (event) => {
    if (text !== undefined) print(text(event));
    // What is queued after the signal is bounded by the queue of events.
    if (!signal.aborted) await untilWritable(signal).catch(() => {});
  };
}

/** Prints the problems of a configuration. */
export async function printProblems(problems: readonly ConfigurationProblem[], path: string): Promise<void> {
  // No other mode needs this module, and the packages that it imports.
  const { problemLine } = await import("@tcp-shaker/monitor/agent");
  for (const problem of problems) printError(problemLine(problem, path));
}

/**
 * Waits for the signal or the end. SIGHUP reads the configuration again.
 *
 * @param daemon The agent or hub.
 * @param path The path of the configuration, for messages.
 * @param loaded Says what was loaded: `": 3 targets"`.
 * @param signal The signal.
 */
export async function untilTerminated(
  daemon: Daemon,
  path: string,
  loaded: () => string,
  signal: AbortSignal,
): Promise<void> {
  const reload = async () => {
    const { isSuccessful, problems } = await daemon.reload();
    if (isSuccessful) return printError(`tcp-checker: ${printable(path)} is loaded${loaded()}`);
    await printProblems(problems, path);
    printError(`tcp-checker: ${printable(path)} is not loaded: the previous configuration stays in force`);
  };
  const stopListening = onSignal("SIGHUP", () => void reload());
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  try {
    await Promise.race([aborted, daemon.finished]);
  } finally {
    stopListening();
  }
}
