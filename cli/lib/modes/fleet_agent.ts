/** The mode `monitor` with `--fleet`: an agent of a fleet. */

import type { Command } from "../command_line/command.ts";
import { EXIT } from "../exit_status.ts";
import type { FleetOptions } from "../command_line/fleet_options.ts";
import { FORMATS } from "../reports/formats.ts";
import { print, printError, untilWritable } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { UsageError } from "../usage_error.ts";
import { openHistory } from "./open_history.ts";
import { serveMonitor } from "./serve.ts";
import { onStatisticsSignal } from "./signals.ts";

/**
 * Runs an agent of a fleet until a termination signal.
 *
 * @param options The fleet, and the agent's name and zone.
 * @param command The command.
 * @param termination Ends the agent.
 * @returns The exit status: 0, because agents end by a signal.
 */
export async function runFleetAgent(
  options: FleetOptions,
  command: Command,
  { signal }: TerminationSignals,
): Promise<number> {
  // Loaded on demand, because only this mode needs the modules and their packages.
  const { agentMetrics, FleetAgent } = await import("@tcp-shaker/fleet/agent");
  const { connectOptions } = await import("../fleet/connect_options.ts");
  const { agent: name, zone, outbox, lease } = options;
  const connection = await connectOptions(options, name);
  await using history = await openHistory(command.monitor.database);
  await using agent = await FleetAgent.start({
    ...{ connection, name, zone, outbox, lease, monitor: command.checker },
    parts: { observers: history && [history.observer] },
    onMessage: (message) => printError(`tcp-checker: ${message}`),
  }).catch((error) => {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  });
  const { monitor } = agent;
  // States are not restored, because a witness votes only on checks of its own process.
  history?.begin(monitor);
  const printStatistics = () => printError(monitorSummary(monitor.states(), monitor.statistics()));
  const stopListening = onStatisticsSignal(printStatistics);
  try {
    // Opened before the server starts, so that no event is missed.
    const events = monitor.events({ signal });
    const metrics = () => agentMetrics(agent.status);
    await using _server = await serveMonitor(monitor, command.monitor.listen, { metrics, history });
    const format = FORMATS[command.format].event;
    for await (const event of events) {
      // Not printed: targets are added and removed whenever agents join or leave.
      if (format !== undefined && event.type !== "added" && event.type !== "removed") print(format(event));
      await untilWritable(signal);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  } finally {
    stopListening();
  }
  if (command.format !== "quiet") printStatistics();
  return EXIT.allUp;
}
