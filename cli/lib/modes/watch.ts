/** The mode `watch`: a live view of a monitor's states on a terminal, else a line for each change of status. */

import type { Monitor, TargetState } from "@tcp-shaker/monitor";
import type { Command } from "../command_line/command.ts";
import { exitStatus } from "../exit_status.ts";
import { startMonitor } from "../monitoring/start_monitor.ts";
import { WatchedTargets } from "../monitoring/watched_targets.ts";
import type { ResultClass } from "../local_failure.ts";
import { print } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import { Notices } from "../reports/notices.ts";
import { Tally } from "../tally.ts";
import type { Targets } from "../targets/targets.ts";
import { hasCursorControl } from "../streams.ts";
import { LiveView } from "../terminal/live_view.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { readTargets } from "./read_targets.ts";

/**
 * Monitors all targets and shows their states, until all checks are made, the user quits, or a signal arrives.
 *
 * @param command The command.
 * @param targets The targets.
 * @param termination Ends the run.
 * @returns The exit status: a target counts as up if the monitor's verdict is up.
 */
export async function watch(command: Command, targets: Targets, termination: TerminationSignals): Promise<number> {
  const { signal } = termination;
  const all = await readTargets(targets, signal);
  const watched = new WatchedTargets(all, command, signal);
  await using monitor = await startMonitor(all, command, { observe: watched.observe });
  await show(monitor, watched, command, signal);
  const states = [...monitor.states()];
  watched.end();
  if (hasView(command)) print(monitorSummary(states, monitor.statistics()));
  return termination.exitStatus ?? exitStatus(new Tally(states.map(verdictOf)), command.minUp, targets.skipped);
}

/** Waits for the end of the run, with the live view on a terminal. */
async function show(
  monitor: Monitor,
  watched: WatchedTargets,
  command: Command,
  signal: AbortSignal,
): Promise<void> {
  const notices = new Notices();
  const ended = new AbortController();
  const onQuit = () => ended.abort();
  await using _view = hasView(command)
    ? new LiveView({
      monitor,
      targets: watched.sparklines,
      sort: command.sort,
      notices: () => notices.lines,
      onQuit,
    })
    : undefined;
  void watched.complete.then(onQuit);
  await notices.follow(monitor, AbortSignal.any([signal, ended.signal]));
}

function hasView({ format }: Command): boolean {
  return format === "text" && hasCursorControl.stdout;
}

/** Returns the last result of a target, unless the monitor's verdict contradicts it. */
function verdictOf({ state, result }: TargetState): ResultClass {
  if (state === "up") return { status: "up" };
  // The target is not up, although its last check may have passed.
  return result === undefined || result.status === "up" ? { status: "timeout" } : result;
}
