/** The mode `monitor` with `--fleet`: an agent of a fleet. */

import type { Command } from "../command.ts";
import { EXIT } from "../exit_status.ts";
import type { FleetOptions } from "../fleet_options.ts";
import { FORMATS } from "../formats.ts";
import { print, printError, untilWritable } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { UsageError } from "../usage_error.ts";
import { openHistory } from "./open_history.ts";
import { serveMonitor } from "./serve.ts";
import { onStatisticsSignal } from "./signals.ts";

/**
 * Runs an agent of a fleet until a termination signal comes.
 *
 * @param options The fleet, and the agent's name and zone.
 * @param command The command.
 * @param termination Ends the agent.
 * @returns The exit status: 0, because a signal is the way to end an agent.
 */
export async function runFleetAgent(
  options: FleetOptions,
  command: Command,
  { signal }: TerminationSignals,
): Promise<number> {
  // No other mode needs these modules, and the packages that they import.
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
  // A witness votes only after checks of its own, so states are not restored.
  history?.begin(monitor);
  const printStatistics = () => printError(monitorSummary(monitor.states(), monitor.statistics()));
  const stopListening = onStatisticsSignal(printStatistics);
  try {
    // Opened first, because checks may end while the server starts.
    const events = monitor.events({ signal });
    const metrics = () => agentMetrics(agent.status);
    await using _server = await serveMonitor(monitor, command.monitor.listen, { metrics, history });
    const format = FORMATS[command.format].event;
    for await (const event of events) {
      // Targets come and go with other agents.
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
