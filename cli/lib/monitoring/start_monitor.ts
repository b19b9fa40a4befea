/** Starts a monitor with the options of the command, for the modes `monitor` and `watch`. */

import type { Monitor, MonitorObserver, MonitorOptions } from "@tcp-shaker/monitor";
import { type CheckOptions, formatTarget } from "@tcp-shaker/tcp-shaker";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { warnOfFallback } from "../checks.ts";
import type { Command } from "../command_line/command.ts";
import type { FlagName } from "../command_line/flags.ts";
import type { Target } from "../target.ts";
import { durationText } from "../text.ts";
import { UsageError } from "../usage_error.ts";
import { ObservedProber, type Observer } from "./observed_prober.ts";

/** The monitor's least interval. */
const MIN_INTERVAL_MS = 10;
/** Options of the monitor, and the command's options that set them. */
const INTERVAL_FLAGS = [
  ["interval", "interval"],
  ["fastInterval", "fast-interval"],
  ["downInterval", "down-interval"],
] as const satisfies [keyof MonitorOptions, FlagName][];

/** Observers of the checks, and the states to restore. */
interface Watchers {
  /** Called at the end of each check. The next check waits for its promise. */
  readonly observe?: Observer;
  /** The monitor's observers. */
  readonly observers?: readonly MonitorObserver[];
  /** States to restore. */
  readonly restore?: MonitorOptions["restore"];
}

/**
 * Starts a monitor. The id of each target is its canonical text.
 *
 * @param targets The targets.
 * @param command The thresholds, the intervals, how to check, and the number of checks per target.
 * @param watchers Observers of the checks, and the states to restore.
 * @returns The monitor. Its states are in the order of the targets.
 * @throws {UsageError} If targets are repeated, or options contradict each other.
 * @throws {Error} If the checker doesn't start.
 */
export async function startMonitor(
  targets: readonly Target[],
  command: Command,
  { observe, observers, restore }: Watchers = {},
): Promise<Monitor> {
  const { checker, options: { family, resolve, zeroLinger, details }, monitor: { options }, rounds } = command;
  requireIntervals(options);
  requireDistinct(targets);
  // Loaded on demand, because other modes don't need the package.
  const { Monitor, SupervisedChecker } = await import("@tcp-shaker/monitor");
  const prober = await SupervisedChecker.start({ ...checker, zeroLinger, details });
  warnOfFallback(prober.engine, command.checker);
  return await Monitor.start(
    targets.map(({ hostname, port }) => ({ target: { hostname, port } })),
    { ...checker, ...options, restore, family, resolve: resolve as CheckOptions["resolve"] },
    { prober: observe === undefined ? prober : new ObservedProber(prober, observe, rounds), observers },
  );
}

function requireIntervals(options: Command["monitor"]["options"]): void {
  for (const [name, flag] of INTERVAL_FLAGS) {
    const time = options[name];
    if (time === undefined || time >= MIN_INTERVAL_MS) continue;
    throw new UsageError(
      `--${flag} ${durationText(time)} is too short: use ${durationText(MIN_INTERVAL_MS)} or more`,
    );
  }
  const { timeout = 0, interval } = options;
  if (timeout <= interval) return;
  const [given, most] = [durationText(timeout), durationText(interval)];
  throw new UsageError(`--timeout ${given} is longer than the interval, ${most}: lower it, or raise --interval`);
}

/** Rejects two targets with the same id, because events could not distinguish them. */
function requireDistinct(targets: readonly Target[]): void {
  const seen = new Set<string>();
  const repeated = new Set<string>();
  for (const target of targets) {
    const id = formatTarget(target);
    if (seen.has(id)) repeated.add(id);
    seen.add(id);
  }
  if (repeated.size === 0) return;
  const [first] = repeated;
  const given = repeated.size === 1
    ? `Target ${quote(first)} is`
    : `${repeated.size} targets, such as ${quote(first)}, are`;
  throw new UsageError(`${given} given more than once: give each target once`);
}
