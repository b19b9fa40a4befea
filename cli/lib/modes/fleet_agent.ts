/** The mode `monitor` with `--fleet`: an agent of a fleet. */

import type { Command } from "../command.ts";
import { EXIT } from "../exit_status.ts";
import type { FleetOptions } from "../fleet_options.ts";
import { FORMATS } from "../formats.ts";
import { print, printError, untilWritable } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { UsageError } from "../usage_error.ts";
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
  // No other mode needs this module, and the packages that it imports.
  const { agentMetrics, FleetAgent } = await import("@tcp-shaker/fleet/agent");
  const { agent: name, zone, outbox, lease, servers } = options;
  const [seed, ca] = [await read(options.seedFile), await read(options.ca)];
  const connection = {
    servers,
    name,
    ca,
    seed: seed === undefined ? undefined : new TextEncoder().encode(seed.trim()),
  };
  await using agent = await FleetAgent.start({
    ...{ connection, name, zone, outbox, lease, monitor: command.checker },
    onMessage: (message) => printError(`tcp-checker: ${message}`),
  }).catch((error) => {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  });
  const { monitor } = agent;
  const printStatistics = () => printError(monitorSummary(monitor.states(), monitor.statistics()));
  const stopListening = onStatisticsSignal(printStatistics);
  try {
    const metrics = () => agentMetrics(agent.status);
    await using _server = await serveMonitor(monitor, command.monitor.listen, { metrics });
    const format = FORMATS[command.format].event;
    for await (const event of monitor.events({ signal })) {
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

async function read(path: string | undefined): Promise<string | undefined> {
  if (path === undefined) return undefined;
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    throw new UsageError(`Cannot read ${path}: ${(error as Error).message}`);
  }
}
