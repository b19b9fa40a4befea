/** Shared parts of agents and hubs: printing of events, and the run until a signal, with reloads. */

import type { ConfigurationProblem, ReloadStatus } from "@tcp-shaker/monitor/agent";
import type { MonitorEvent } from "@tcp-shaker/monitor";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { print, printError, untilWritable } from "../output.ts";
import { onSignal } from "./signals.ts";

/** An agent or a hub. */
interface Daemon {
  /** Resolves after the last event. */
  readonly finished: Promise<void>;
  reload(): Promise<unknown>;
}

/**
 * Returns a function that prints an event, and waits while the output queue is full.
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
    // No wait after the signal: the queue of events bounds the remaining output.
    if (!signal.aborted) await untilWritable(signal).catch(() => {});
  };
}

/** Prints the problems of a configuration. */
export async function printProblems(problems: readonly ConfigurationProblem[], path: string): Promise<void> {
  // Loaded on demand, because only this mode needs the module and its packages.
  const { problemLine } = await import("@tcp-shaker/monitor/agent");
  for (const problem of problems) printError(problemLine(problem, path));
}

/**
 * Prints the outcome of a reload, which SIGHUP or the HTTP server has requested.
 *
 * @param status The outcome.
 * @param path The path of the configuration.
 * @param loaded Summarizes what was loaded: `": 3 targets"`.
 */
export async function printReload(
  { isSuccessful, problems }: ReloadStatus,
  path: string,
  loaded = "",
): Promise<void> {
  if (isSuccessful) return printError(`tcp-checker: reloaded ${printable(path)}${loaded}`);
  await printProblems(problems, path);
  printError(`tcp-checker: did not reload ${printable(path)}: the previous configuration stays in force`);
}

/**
 * Waits for the signal or the end of the daemon. SIGHUP reloads the configuration.
 *
 * @param daemon The agent or hub.
 * @param signal The signal.
 */
export async function untilTerminated(daemon: Daemon, signal: AbortSignal): Promise<void> {
  const stopListening = onSignal("SIGHUP", () => void daemon.reload());
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  try {
    await Promise.race([aborted, daemon.finished]);
  } finally {
    stopListening();
  }
}
