/** Run of a monitor without a configuration file: a line for each event, the HTTP server, and statistics at the end. */

import type { Monitor, MonitorEvent } from "@tcp-shaker/monitor";
import type { History } from "@tcp-shaker/monitor/history";
import type { AgentView } from "@tcp-shaker/monitor/serve";
import type { Command } from "../command_line/command.ts";
import { FORMATS } from "../reports/formats.ts";
import { print, printError, untilWritable } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import { serveMonitor } from "./serve.ts";
import { onStatisticsSignal } from "./signals.ts";

/** Options of {@linkcode runMonitor}. */
export interface MonitorRun {
  /** Parts of the HTTP server. The history records the monitor. */
  readonly parts: Pick<AgentView, "recent" | "metrics"> & { readonly history?: History };
  /** Whether an event is printed; all are if absent. */
  readonly isPrinted?: (event: MonitorEvent) => boolean;
  /** Ends the run with an error, its reason. */
  readonly failure?: AbortSignal;
}

/**
 * Prints the events of a monitor, and serves it, until a termination signal comes.
 *
 * @param monitor The monitor.
 * @param command The command.
 * @param signal Aborts at a termination signal.
 * @param run The options.
 */
export async function runMonitor(
  monitor: Monitor,
  command: Command,
  signal: AbortSignal,
  { parts, isPrinted = () => true, failure }: MonitorRun,
): Promise<void> {
  parts.history?.begin(monitor);
  const ends = failure === undefined ? signal : AbortSignal.any([signal, failure]);
  const format = FORMATS[command.format].event;
  const printStatistics = () => printError(monitorSummary(monitor.states(), monitor.statistics()));
  const stopListening = onStatisticsSignal(printStatistics);
  try {
    // Opened before the server starts, so that no event is missed.
    const events = monitor.events({ signal: ends });
    await using _server = await serveMonitor(monitor, command.monitor.listen, parts);
    for await (const event of events) {
      if (format !== undefined && isPrinted(event)) print(format(event));
      await untilWritable(ends);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopListening();
  }
  if (command.format !== "quiet") printStatistics();
}
