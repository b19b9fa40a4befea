/**
 * The command `tcp-checker`: checks from a shell whether TCP ports are open, without completing the handshake.
 *
 * ```sh
 * deno run -A jsr:@tcp-shaker/cli 127.0.0.1:22 localhost:80
 * deno run -A jsr:@tcp-shaker/cli --help
 * ```
 *
 * @module
 */

import { printable } from "@tcp-shaker/tcp-shaker/quote";
import config from "./deno.json" with { type: "json" };
import { abortable } from "./lib/abortable.ts";
import { parseCommand } from "./lib/command_line/parse_command.ts";
import { completionScript } from "./lib/command_line/completions.ts";
import { configurationText } from "./lib/command_line/configuration.ts";
import { EXIT } from "./lib/exit_status.ts";
import { helpText } from "./lib/command_line/help.ts";
import { monitor } from "./lib/modes/monitor.ts";
import { checkOnce } from "./lib/modes/check_once.ts";
import { ping } from "./lib/modes/ping.ts";
import { scan } from "./lib/modes/scan.ts";
import { wait } from "./lib/modes/wait.ts";
import { watch } from "./lib/modes/watch.ts";
import { flush, print, printError, printEscaped, stdoutFailure } from "./lib/output.ts";
import { nagiosLine, UNKNOWN } from "./lib/reports/nagios_line.ts";
import { Targets } from "./lib/targets/targets.ts";
import { isTerminal } from "./lib/streams.ts";
import { paint } from "./lib/terminal/colour.ts";
import { leaveScreen } from "./lib/terminal/screen.ts";
import { TerminationSignals } from "./lib/termination_signals.ts";
import { UsageError } from "./lib/usage_error.ts";

const MODES = { check: checkOnce, summary: checkOnce, scan, ping, wait, watch, monitor };

/**
 * Runs the command. It prints to stdout and stderr, and handles SIGHUP, SIGINT and SIGTERM until it returns.
 *
 * @param args The arguments, without the name of the command.
 * @returns The exit status; `--help` lists them.
 */
export async function main(args: string[]): Promise<number> {
  using termination = new TerminationSignals();
  try {
    const status = await run(args, termination);
    await flush(termination.signal);
    return status;
  } catch (error) {
    return await statusOfError(error, args, termination);
  }
}

async function run(args: string[], termination: TerminationSignals): Promise<number> {
  const command = parseCommand(args);
  if (command === "version") return print(`tcp-checker ${config.version}`), EXIT.allUp;
  if ("help" in command) return printEscaped(helpText(command.help, paint)), EXIT.allUp;
  if ("completions" in command) return printEscaped(completionScript(command.completions)), EXIT.allUp;
  if ("history" in command) {
    const { history } = await import("./lib/modes/history.ts");
    return history(command.history);
  }
  if ("fleet" in command) {
    // Loaded on demand, because only this mode needs the module and its packages.
    const { fleet } = await import("./lib/modes/fleet.ts");
    return await fleet(command.fleet);
  }
  if ("hub" in command) {
    const { hub } = await import("./lib/modes/hub.ts");
    return await hub(command.hub, termination);
  }
  const { signal } = termination;
  const targets = await abortable(Targets.open(command.sources, signal), signal);
  if (command.verbose) printError(configurationText(command));
  return await MODES[command.mode](command, targets, termination);
}

async function statusOfError(error: unknown, args: string[], termination: TerminationSignals): Promise<number> {
  const { signal, reason, exitStatus } = termination;
  // The reader has closed stdout, like `head -1`. That is not a failure.
  if (error instanceof Deno.errors.BrokenPipe) return EXIT.stdoutClosed;
  // Writes to a closed terminal may fail before SIGHUP arrives.
  if (isTerminal.stdout && error === stdoutFailure.reason) return EXIT.hungUp;
  // A signal arrived before the first check, or while the reader of stdout was stalled.
  const isTerminated = error === signal.reason;
  if (isTerminated && exitStatus !== undefined && !isNagios(args)) return exitStatus;
  return await reportFailure(args, isTerminated ? reason ?? error : error, signal);
}

/** Reports an error in the format of the command, and returns the exit status. */
async function reportFailure(args: string[], error: unknown, signal: AbortSignal): Promise<number> {
  const cause = error instanceof Error ? error.message : String(error);
  const message = error === stdoutFailure.reason ? `Cannot write to stdout: ${cause}` : cause;
  if (isNagios(args)) return await reportUnknown(message, signal);
  // Escapes line ends, which arguments may contain. Messages of other errors may have several lines.
  printError(`tcp-checker: ${error instanceof UsageError ? printable(message) : message}`);
  await flush(signal).catch(() => {});
  return error instanceof UsageError ? EXIT.badArguments : EXIT.failed;
}

/** Whether `--nagios` is given. Arguments after `--` belong to another program. */
function isNagios(args: string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).includes("--nagios");
}

async function reportUnknown(message: string, signal: AbortSignal): Promise<number> {
  print(nagiosLine({ state: "UNKNOWN", summary: message }));
  try {
    await flush(signal);
  } catch {
    // If the failure is that stdout can't be written, this line is lost, too.
    printError(`tcp-checker: ${message}`);
    await flush(signal).catch(() => {});
  }
  return UNKNOWN;
}

let isFailing = false;

/** Ends the command after an uncaught error, because Deno's exit status, 1, would mean that a target is not up. */
async function onUncaught(event: Event, error: unknown): Promise<void> {
  event.preventDefault();
  if (isFailing) return;
  isFailing = true;
  leaveScreen();
  Deno.exit(await reportFailure(Deno.args, error, AbortSignal.abort()));
}

if (import.meta.main) {
  addEventListener("error", (event) => onUncaught(event, event.error));
  addEventListener("unhandledrejection", (event) => onUncaught(event, event.reason));
  Deno.exit(await main(Deno.args));
}
