/** The mode `hub`: the verdicts of a fleet. */

import { ConfigurationError } from "@tcp-shaker/monitor/agent";
import { Hub, type HubOptions } from "@tcp-shaker/fleet/hub";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import { EXIT } from "../exit_status.ts";
import { FORMATS } from "../reports/formats.ts";
import { connectOptions } from "../fleet/connect_options.ts";
import { hubEventLine } from "../fleet/hub_event_line.ts";
import type { HubCommand } from "../command_line/hub_command.ts";
import { print, printError } from "../output.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { UsageError } from "../usage_error.ts";
import { endInTime } from "./end_in_time.ts";
import { eventPrinter, printProblems, printReload, untilTerminated } from "./daemon.ts";
import { startServer } from "./serve.ts";

/**
 * Runs a hub until a termination signal. SIGHUP reloads the configuration.
 *
 * @param command The command.
 * @param termination Ends the hub.
 * @returns The exit status: 0 after a signal, 3 for an invalid configuration.
 */
export function hub(command: HubCommand, termination: TerminationSignals): Promise<number> {
  return endInTime(runHub(command, termination), termination.signal);
}

async function runHub(command: HubCommand, termination: TerminationSignals): Promise<number> {
  const { name, connection, config: source, listen, database, lease } = command;
  const { signal } = termination;
  const path = source ?? "the configuration";
  termination.releaseHangUp();
  const options: HubOptions = {
    ...{ name, nats: await connectOptions(connection, name), source, listen, database, lease, startServer },
    onEvent: eventPrinter(command.format === "text" ? hubEventLine : FORMATS[command.format].event, signal),
    onMessage: (message) => printError(`tcp-checker: ${message}`),
    onReload: (status) => void printReload(status, path),
  };
  try {
    if (command.checkOnly) {
      const { sinks } = await Hub.checkConfiguration(options);
      print(`${printable(path)} is valid: ${sinks.length} sink${sinks.length === 1 ? "" : "s"}`);
      return EXIT.allUp;
    }
    await using running = await Hub.start(options);
    await untilTerminated(running, AbortSignal.any([signal, running.refused]));
    running.refused.throwIfAborted();
    return EXIT.allUp;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    if (!(error instanceof ConfigurationError)) throw error;
    await printProblems(error.problems, path);
    return EXIT.badArguments;
  }
}
