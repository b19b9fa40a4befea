/**
 * The command `tcp-checker`: checks TCP ports by half a handshake, from a shell.
 *
 * ```sh
 * deno run --allow-ffi jsr:@tcp-shaker/cli 127.0.0.1:22 localhost:80
 * deno run --allow-ffi jsr:@tcp-shaker/cli --help
 * ```
 *
 * @module
 */

import { printable } from "@tcp-shaker/tcp-shaker/quote";
import config from "./deno.json" with { type: "json" };
import { parseCommand } from "./lib/command.ts";
import { completionScript } from "./lib/completions.ts";
import { configurationText } from "./lib/configuration.ts";
import { EXIT } from "./lib/exit_status.ts";
import { HELP } from "./lib/help.ts";
import { Interruption } from "./lib/interruption.ts";
import { monitor } from "./lib/modes/monitor.ts";
import { once } from "./lib/modes/once.ts";
import { ping } from "./lib/modes/ping.ts";
import { wait } from "./lib/modes/wait.ts";
import { watch } from "./lib/modes/watch.ts";
import { broken, complain, flush, print } from "./lib/output.ts";
import { nagiosLine, UNKNOWN } from "./lib/reports/nagios_line.ts";
import { Targets } from "./lib/targets/targets.ts";
import { isTerminal } from "./lib/terminal/capable.ts";
import { UsageError } from "./lib/usage_error.ts";

/**
 * Runs the command. It prints to stdout and stderr, and handles SIGHUP, SIGINT and SIGTERM until it is done.
 *
 * @param args The arguments, without the name of the command.
 * @returns The exit status; `--help` lists them all.
 */
export async function main(args: string[]): Promise<number> {
  using interruption = new Interruption();
  const { signal } = interruption;
  try {
    const status = await answer(args, interruption);
    await flush(signal);
    return status;
  } catch (error) {
    // The reader of our output has left, as `head -1` does: there is nothing to complain about.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.stdoutClosed;
    // A terminal that is closed refuses what is printed, maybe before SIGHUP is here.
    if (isTerminal.stdout && error === broken.reason) return EXIT.hungUp;
    // A signal came before there was anything to check, while targets were read from a pipe; or the output has no reader.
    const interrupted = error === signal.reason ? interruption : undefined;
    if (interrupted?.exitStatus !== undefined && !isPlugin(args)) return interrupted.exitStatus;
    return await tellFailure(args, interrupted?.reason ?? error, signal);
  }
}

/** Says why the command failed, in the way that it was asked to, and gives the exit status for that. */
async function tellFailure(args: string[], error: unknown, signal: AbortSignal): Promise<number> {
  const message = error instanceof Error ? error.message : String(error);
  if (isPlugin(args)) return await tellUnknown(message, signal);
  // One line, whatever newlines the arguments have; errors of other kinds list what was tried.
  complain(`tcp-checker: ${error instanceof UsageError ? printable(message) : message}`);
  await flush(signal).catch(() => {});
  return error instanceof UsageError ? EXIT.badArguments : EXIT.failed;
}

async function answer(args: string[], interruption: Interruption): Promise<number> {
  const command = parseCommand(args);
  if (command === "help") return print(HELP), EXIT.allUp;
  if (command === "version") return print(`tcp-checker ${config.version}`), EXIT.allUp;
  if ("completions" in command) return print(completionScript(command.completions)), EXIT.allUp;
  const { signal } = interruption;
  const targets = await interruption.unlessSignalled(Targets.open(command.sources, signal));
  if (command.verbose) complain(configurationText(command));
  return await MODES[command.mode](command, targets, interruption);
}

/** Whether it is to answer as a monitoring plugin does; what comes after `--` is another program's. */
function isPlugin(args: string[]): boolean {
  const end = args.indexOf("--");
  return args.slice(0, end < 0 ? undefined : end).includes("--nagios");
}

async function tellUnknown(why: string, signal: AbortSignal): Promise<number> {
  print(nagiosLine({ state: "UNKNOWN", summary: why }));
  try {
    await flush(signal);
  } catch {
    // It may be that very line that there is no room for.
    complain(`tcp-checker: ${why}`);
    await flush(signal).catch(() => {});
  }
  return UNKNOWN;
}

const MODES = { check: once, summary: once, scan: once, ping, wait, watch, monitor };

let isFailing = false;

/** Ends the command for an error that no awaited promise leads to. Deno's own status for it, 1, means that a target is not up. */
async function onUncaught(event: Event, error: unknown): Promise<void> {
  event.preventDefault();
  if (isFailing) return;
  isFailing = true;
  Deno.exit(await tellFailure(Deno.args, error, AbortSignal.abort()));
}

if (import.meta.main) {
  addEventListener("error", (event) => onUncaught(event, event.error));
  addEventListener("unhandledrejection", (event) => onUncaught(event, event.reason));
  Deno.exit(await main(Deno.args));
}
