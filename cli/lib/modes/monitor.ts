/** The mode `monitor`: one verdict per target, and a line for each event. */

import type { MonitorEvent } from "@tcp-shaker/monitor";
import type { Command } from "../command_line/command.ts";
import { EXIT } from "../exit_status.ts";
import { FORMATS } from "../reports/formats.ts";
import { startMonitor } from "../monitoring/start_monitor.ts";
import { print, printError, untilWritable } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import type { Targets } from "../targets/targets.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { runAgent } from "./agent.ts";
import { endInTime } from "./end_in_time.ts";
import { runFleetAgent } from "./fleet_agent.ts";
import { openHistory } from "./open_history.ts";
import { requireRunPermission } from "./program.ts";
import { readTargets } from "./read_targets.ts";
import { serveMonitor } from "./serve.ts";
import { onStatisticsSignal } from "./signals.ts";

/**
 * Monitors all targets until a termination signal.
 *
 * @param command The command.
 * @param targets The targets.
 * @param termination Ends the monitor.
 * @returns The exit status: 0, because monitors end by a signal.
 */
export function monitor(command: Command, targets: Targets, termination: TerminationSignals): Promise<number> {
  const { config, fleet } = command.monitor;
  const running = fleet !== undefined
    ? runFleetAgent(fleet, command, termination)
    : config !== undefined
    ? runAgent(config, command, termination)
    : monitorTargets(command, targets, termination.signal);
  return endInTime(running, termination.signal);
}

async function monitorTargets(command: Command, targets: Targets, signal: AbortSignal): Promise<number> {
  const { exec, listen, database } = command.monitor;
  if (exec !== undefined) requireRunPermission(exec, "--exec");
  const all = await readTargets(targets, signal);
  const recent = listen === undefined ? undefined : await recentResults();
  await using history = await openHistory(database);
  const observers = [...recent ? [recent] : [], ...history ? [history.observer] : []];
  const monitor = await startMonitor(all, command, { observers, restore: history?.states });
  history?.begin(monitor);
  const printStatistics = () => printError(monitorSummary(monitor.states(), monitor.statistics()));
  const stopListening = onStatisticsSignal(printStatistics);
  try {
    // Opened before the server starts, so that no event is missed.
    const events = monitor.events({ signal });
    await using _server = await serveMonitor(monitor, listen, { recent, history });
    await reportEvents(events, command, signal);
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopListening();
    await monitor[Symbol.asyncDispose]();
  }
  if (command.format !== "quiet") printStatistics();
  return EXIT.allUp;
}

async function recentResults() {
  const { RecentResults } = await import("@tcp-shaker/monitor/history");
  return new RecentResults();
}

/** Prints each event, and passes it to the sink of `--exec`, until the signal aborts. */
async function reportEvents(
  events: AsyncIterable<MonitorEvent>,
  command: Command,
  signal: AbortSignal,
): Promise<void> {
  await using sink = await execSink(command.monitor.exec);
  const format = FORMATS[command.format].event;
  for await (const event of events) {
    if (format !== undefined) print(format(event));
    sink?.take(event);
    await untilWritable(signal);
  }
}

async function execSink(program: string | undefined) {
  if (program === undefined) return undefined;
  const { ExecSink, limitRepeats } = await import("@tcp-shaker/monitor/exec");
  return new ExecSink(program, { onFailure: limitRepeats((message) => printError(`tcp-checker: ${message}`)) });
}
