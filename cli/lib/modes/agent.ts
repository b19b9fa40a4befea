/** The mode `monitor` with `--config`: an agent that a file configures. */

import type { Agent, Configuration, ConfigurationProblem } from "@tcp-shaker/monitor/agent";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_status.ts";
import { FORMATS } from "../formats.ts";
import { print, printError, untilWritable } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { startServer } from "./serve.ts";
import { onSignal, STATISTICS_SIGNAL } from "./signals.ts";

/**
 * Runs an agent until a termination signal comes. SIGHUP reads the configuration again.
 *
 * @param path The path of the configuration.
 * @param command The command.
 * @param termination Ends the agent.
 * @returns The exit status: 0 after a signal, that of bad arguments for a bad configuration.
 */
export async function runAgent(path: string, command: Command, termination: TerminationSignals): Promise<number> {
  termination.releaseHangUp();
  // No other mode needs this module, and the packages that it imports.
  const module = await import("@tcp-shaker/monitor/agent");
  try {
    if (command.monitor.checkOnly) {
      const configuration = await module.readConfiguration(path);
      print(summary(path, configuration));
      return EXIT.allUp;
    }
    await using agent = await module.Agent.start({
      source: path,
      listen: command.monitor.listen,
      database: command.monitor.database,
      startServer,
      onEvent: eventPrinter(command, termination.signal),
      onMessage: (message) => printError(`tcp-checker: ${message}`),
    });
    await untilTerminated(agent, path, command, termination.signal);
    return EXIT.allUp;
  } catch (error) {
    if (!(error instanceof module.ConfigurationError)) throw error;
    printProblems(error.problems, path, module.problemLine);
    return EXIT.badArguments;
  }
}

async function untilTerminated(agent: Agent, path: string, { format }: Command, signal: AbortSignal): Promise<void> {
  const { problemLine } = await import("@tcp-shaker/monitor/agent");
  const printStatistics = () => printError(monitorSummary(agent.monitor.states(), agent.monitor.statistics()));
  const reload = async () => {
    const { isSuccessful, problems } = await agent.reload();
    if (isSuccessful) return printError(`tcp-checker: ${path} is loaded: ${agent.monitor.size} targets`);
    printProblems(problems, path, problemLine);
    printError(`tcp-checker: ${path} is not loaded: the configuration before stays in force`);
  };
  const stopListening = [onSignal(STATISTICS_SIGNAL, printStatistics), onSignal("SIGHUP", () => void reload())];
  const aborted = new Promise((resolve) => {
    if (signal.aborted) resolve(undefined);
    signal.addEventListener("abort", resolve, { once: true });
  });
  try {
    await Promise.race([aborted, agent.finished]);
  } finally {
    for (const stop of stopListening) stop();
  }
  if (format !== "quiet") printStatistics();
}

/** Prints an event in the format of the command, if that has one for events. */
function eventPrinter(command: Command, signal: AbortSignal) {
  const format = FORMATS[command.format].event;
  return async (event: Parameters<NonNullable<typeof format>>[0]) => {
    if (format !== undefined) print(format(event));
    // What is queued after the signal is bounded by the queue of events.
    if (!signal.aborted) await untilWritable(signal).catch(() => {});
  };
}

function printProblems(
  problems: readonly ConfigurationProblem[],
  path: string,
  line: (problem: ConfigurationProblem, path: string) => string,
): void {
  for (const problem of problems) printError(line(problem, path));
}

/** What a configuration has, without values: they may be secrets. */
function summary(path: string, { targets, lists, groups, sinks }: Configuration): string {
  const count = (number: number, name: string) => `${number} ${name}${number === 1 ? "" : "s"}`;
  const counts = [
    count(targets.length, "target"),
    count(lists.length, "target list"),
    count(Object.keys(groups).length, "group"),
    count(sinks.length, "sink"),
  ];
  return `${path} is valid: ${counts.join(", ")}`;
}
