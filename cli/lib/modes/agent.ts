/** The mode `monitor` with `--config`: an agent that a file configures. */

import type { Configuration } from "@tcp-shaker/monitor/agent";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { Command } from "../command.ts";
import { EXIT } from "../exit_status.ts";
import { FORMATS } from "../formats.ts";
import { print, printError } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { eventPrinter, printProblems, untilTerminated } from "./daemon.ts";
import { startServer } from "./serve.ts";
import { onStatisticsSignal } from "./signals.ts";

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
      warnOfNothing(path, configuration);
      return EXIT.allUp;
    }
    await using agent = await module.Agent.start({
      source: path,
      listen: command.monitor.listen,
      database: command.monitor.database,
      startServer,
      onEvent: eventPrinter(FORMATS[command.format].event, termination.signal),
      onMessage: (message) => printError(`tcp-checker: ${message}`),
    });
    const { monitor } = agent;
    warnOfNothing(path, agent.configuration);
    const printStatistics = () => printError(monitorSummary(monitor.states(), monitor.statistics()));
    const stopListening = onStatisticsSignal(printStatistics);
    try {
      const loaded = () => {
        warnOfNothing(path, agent.configuration);
        return `: ${monitor.size} targets`;
      };
      await untilTerminated(agent, path, loaded, termination.signal);
    } finally {
      stopListening();
    }
    if (command.format !== "quiet") printStatistics();
    return EXIT.allUp;
  } catch (error) {
    if (!(error instanceof module.ConfigurationError)) throw error;
    await printProblems(error.problems, path);
    return EXIT.badArguments;
  }
}

/** Warns of a configuration that does nothing. It is valid, as one without `scrape_configs` is for Prometheus. */
function warnOfNothing(path: string, { targets, lists, probe }: Configuration): void {
  if (targets.length > 0 || lists.length > 0 || probe !== undefined) return;
  printError(`tcp-checker: ${printable(path)} has no targets, no target lists and no probe: nothing is checked`);
}

/** Summarizes a configuration, without values, because they may be secrets. */
function summary(path: string, { targets, lists, groups, sinks }: Configuration): string {
  const count = (number: number, name: string) => `${number} ${name}${number === 1 ? "" : "s"}`;
  const counts = [
    count(targets.length, "target"),
    count(lists.length, "target list"),
    count(Object.keys(groups).length, "group"),
    count(sinks.length, "sink"),
  ];
  return `${printable(path)} is valid: ${counts.join(", ")}`;
}
