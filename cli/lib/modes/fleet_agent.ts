/** The mode `monitor` with `--fleet`: an agent of a fleet. */

import type { Command } from "../command_line/command.ts";
import { EXIT } from "../exit_status.ts";
import type { FleetOptions } from "../command_line/fleet_options.ts";
import { printError } from "../output.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { UsageError } from "../usage_error.ts";
import { openHistory } from "./open_history.ts";
import { runMonitor } from "./run_monitor.ts";

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
  // The history restores no states, because a witness votes only on checks of its own process.
  await using agent = await FleetAgent.start({
    ...{ connection, name, zone, outbox, lease, monitor: command.checker },
    parts: { observers: history && [history.observer] },
    onMessage: (message) => printError(`tcp-checker: ${message}`),
  }).catch((error) => {
    throw error instanceof TypeError ? new UsageError(error.message) : error;
  });
  await runMonitor(agent.monitor, command, signal, {
    parts: { metrics: () => agentMetrics(agent.status), history },
    // Targets are added and removed whenever agents join or leave.
    isPrinted: ({ type }) => type !== "added" && type !== "removed",
    failure: agent.refused,
  });
  return EXIT.allUp;
}
