/** The mode `hub`: the verdicts of a fleet. */

import { ConfigurationError, type ConfigurationProblem, problemLine } from "@tcp-shaker/monitor/agent";
import { Hub, type HubOptions } from "@tcp-shaker/fleet/hub";
import { EXIT } from "../exit_status.ts";
import { connectOptions } from "../fleet/connect_options.ts";
import type { HubCommand } from "../fleet/hub_command.ts";
import { FORMATS } from "../formats.ts";
import { print, printError, untilWritable } from "../output.ts";
import type { TerminationSignals } from "../termination_signals.ts";
import { UsageError } from "../usage_error.ts";
import { startServer } from "./serve.ts";
import { onSignal } from "./signals.ts";

/**
 * Runs a hub until a termination signal comes. SIGHUP reads the configuration again.
 *
 * @param command The command.
 * @param termination Ends the hub.
 * @returns The exit status: 0 after a signal, that of bad arguments for a bad configuration.
 */
export async function hub(command: HubCommand, termination: TerminationSignals): Promise<number> {
  const { name, connection, config: source, listen, lease } = command;
  const { signal } = termination;
  termination.releaseHangUp();
  const options: HubOptions = {
    ...{ name, nats: await connectOptions(connection, name), source, listen, lease, startServer },
    onEvent: eventPrinter(command, signal),
    onMessage: (message) => printError(`tcp-checker: ${message}`),
  };
  try {
    if (command.checkOnly) {
      const { sinks } = await Hub.checkConfiguration(options);
      print(`${source} is valid: ${sinks.length} sink${sinks.length === 1 ? "" : "s"}`);
      return EXIT.allUp;
    }
    await using running = await Hub.start(options);
    await untilTerminated(running, source, signal);
    return EXIT.allUp;
  } catch (error) {
    if (error instanceof TypeError) throw new UsageError(error.message);
    if (!(error instanceof ConfigurationError)) throw error;
    printProblems(error.problems, source);
    return EXIT.badArguments;
  }
}

async function untilTerminated(running: Hub, source: string | undefined, signal: AbortSignal): Promise<void> {
  const reload = async () => {
    const { isSuccessful, problems } = await running.reload();
    if (isSuccessful) return printError(`tcp-checker: ${source ?? "the configuration"} is loaded`);
    printProblems(problems, source);
    printError(`tcp-checker: ${source} is not loaded: the configuration before stays in force`);
  };
  const stopListening = onSignal("SIGHUP", () => void reload());
  const { promise: aborted, resolve } = Promise.withResolvers<void>();
  signal.addEventListener("abort", () => resolve(), { once: true });
  if (signal.aborted) resolve();
  try {
    await Promise.race([aborted, running.finished]);
  } finally {
    stopListening();
  }
}

/** Prints an event in the format of the command, if that has one for events. */
function eventPrinter({ format }: HubCommand, signal: AbortSignal): NonNullable<HubOptions["onEvent"]> {
  const text = FORMATS[format].event;
  return async (event) => {
    if (text !== undefined) print(text(event));
    if (!signal.aborted) await untilWritable(signal).catch(() => {});
  };
}

function printProblems(problems: readonly ConfigurationProblem[], path = "configuration"): void {
  for (const problem of problems) printError(problemLine(problem, path));
}
