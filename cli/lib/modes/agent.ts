/** The mode `monitor` with `--config`: an agent with a configuration file. */

import type { Configuration } from "@tcp-shaker/monitor/agent";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { Command } from "../command_line/command.ts";
import { EXIT } from "../exit_status.ts";
import { FORMATS } from "../reports/formats.ts";
import { print, printError } from "../output.ts";
import { monitorSummary } from "../reports/monitor_summary.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { eventPrinter, printProblems, printReload, untilTerminated } from "./daemon.ts";
import { startServer } from "./serve.ts";
import { onStatisticsSignal } from "./signals.ts";

/**
 * Runs an agent until a termination signal. SIGHUP reloads the configuration.
 *
 * @param path The path of the configuration.
 * @param command The command.
 * @param termination Ends the agent.
 * @returns The exit status: 0 after a signal, 3 for an invalid configuration.
 */
export async function runAgent(path: string, command: Command, termination: TerminationSignals): Promise<number> {
  termination.releaseHangUp();
  // Loaded on demand, because only this mode needs the module and its packages.
  const module = await import("@tcp-shaker/monitor/agent");
  try {
    if (command.monitor.checkOnly) {
      const configuration = await module.checkConfiguration(path);
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
      onReload: (status, { monitor, configuration }) => {
        if (status.isSuccessful) warnOfNothing(path, configuration);
        void printReload(status, path, `: ${monitor.size} targets`);
      },
    });
    const { monitor } = agent;
    warnOfNothing(path, agent.configuration);
    const printStatistics = () => printError(monitorSummary(monitor.states(), monitor.statistics()));
    const stopListening = onStatisticsSignal(printStatistics);
    try {
      await untilTerminated(agent, termination.signal);
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

/**
 * Warns of a configuration that checks nothing. It is valid, like a Prometheus configuration without `scrape_configs`.
 */
function warnOfNothing(path: string, { targets, lists, probe }: Configuration): void {
  if (targets.length > 0 || lists.length > 0 || probe !== undefined) return;
  printError(`tcp-checker: ${printable(path)} has no targets, no target lists and no probe: nothing is checked`);
}

/** Summarizes a configuration without its values, because values may be secret. */
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
