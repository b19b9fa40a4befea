/** The mode `monitor`: one verdict per target, and a line for each event. */

import type { MonitorEvent } from "@tcp-shaker/monitor";
import type { Command } from "../command_line/command.ts";
import { EXIT } from "../exit_status.ts";
import { startMonitor } from "../monitoring/start_monitor.ts";
import { printError } from "../output.ts";
import type { Targets } from "../targets/targets.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { runAgent } from "./agent.ts";
import { endInTime } from "./end_in_time.ts";
import { runFleetAgent } from "./fleet_agent.ts";
import { openHistory } from "./open_history.ts";
import { requireRunPermission } from "./program.ts";
import { readTargets } from "./read_targets.ts";
import { runMonitor } from "./run_monitor.ts";

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
  await using sink = await execSink(exec);
  // An observer, because a reader that also prints waits while stdout is full.
  const execObserver = sink && { checked() {}, published: (event: MonitorEvent) => sink.take(event) };
  const observers = [recent, history?.observer, execObserver].filter((observer) => observer !== undefined);
  await using monitor = await startMonitor(all, command, { observers, restore: history?.states });
  await runMonitor(monitor, command, signal, { parts: { recent, history } });
  return EXIT.allUp;
}

async function recentResults() {
  const { RecentResults } = await import("@tcp-shaker/monitor/history");
  return new RecentResults();
}

/** Opens the sink of `--exec`, before the first event. */
async function execSink(program: string | undefined) {
  if (program === undefined) return undefined;
  const { ExecSink, limitRepeats } = await import("@tcp-shaker/monitor/exec");
  return new ExecSink(program, { onFailure: limitRepeats((message) => printError(`tcp-checker: ${message}`)) });
}
