/** The monitor: one verdict a target, and a line an event. */

import type { Monitor, MonitorOptions } from "@tcp-shaker/monitor";
import type { CheckOptions } from "@tcp-shaker/tcp-shaker";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_status.ts";
import type { Interruption } from "../interruption.ts";
import { complain, print, room } from "../output.ts";
import { eventJson, eventLine } from "../reports/events.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import type { Targets } from "../targets/targets.ts";
import type { Target } from "../targets/target.ts";
import { UsageError } from "../usage_error.ts";
import { noTargets } from "./once.ts";
import { assertMayRun } from "./program.ts";

/** The signal that asks for statistics; Windows has none. */
const STATISTICS_SIGNAL = "SIGUSR1";

/**
 * Monitors all targets until a signal comes.
 *
 * @param command What to do.
 * @param targets What to monitor.
 * @param interruption Ends it.
 * @returns The exit status: 0, since a signal is how it ends.
 */
export async function monitor(command: Command, targets: Targets, interruption: Interruption): Promise<number> {
  const { signal } = interruption;
  const { exec } = command.monitor;
  if (exec !== undefined) assertMayRun(exec);
  const all = await interruption.unlessSignalled(Array.fromAsync(targets));
  if (all.length === 0) throw noTargets();
  const monitor = await start(all, command);
  const showStatistics = () => complain(monitorSummary(monitor.states(), monitor.statistics()));
  const stopListening = onSignal(STATISTICS_SIGNAL, showStatistics);
  try {
    await report(monitor, command, signal);
  } finally {
    stopListening();
    await monitor[Symbol.asyncDispose]();
  }
  if (command.format !== "quiet") showStatistics();
  return EXIT.allUp;
}

async function start(targets: readonly Target[], { monitor, checker, options }: Command): Promise<Monitor> {
  // Only this mode needs it.
  const { InvalidTargetsError, Monitor } = await import("@tcp-shaker/monitor");
  const { family, resolve } = options as CheckOptions;
  const settings: MonitorOptions = { ...checker, ...monitor.options, family, resolve };
  try {
    return await Monitor.start(targets.map(({ hostname, port }) => ({ target: { hostname, port } })), settings);
  } catch (error) {
    if (error instanceof InvalidTargetsError || error instanceof TypeError) {
      throw new UsageError(error.message.replaceAll(/\s*\n\s*/g, " "));
    }
    throw error;
  }
}

/** Prints the events, and hands them to the program, until the signal comes. */
async function report(monitor: Monitor, { format, monitor: { exec } }: Command, signal: AbortSignal): Promise<void> {
  await using sink = await execSink(exec);
  const lines = format === "json" ? eventJson : eventLine;
  try {
    for await (const event of monitor.events({ signal })) {
      if (format !== "quiet") print(lines(event));
      sink?.take(event);
      await room(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

async function execSink(program: string | undefined) {
  if (program === undefined) return undefined;
  const { ExecSink } = await import("@tcp-shaker/monitor/exec");
  return new ExecSink(program, (message) => complain(`tcp-checker: ${message}`));
}

/** Listens to a signal; returns what ends that. */
function onSignal(name: Deno.Signal, listener: () => void): () => void {
  if (Deno.build.os === "windows") return () => {};
  Deno.addSignalListener(name, listener);
  return () => Deno.removeSignalListener(name, listener);
}
