/**
 * The command `tcp-checker`: checks TCP ports by half a handshake, from a shell.
 *
 * ```sh
 * deno run --allow-ffi jsr:@tcp-shaker/tcp-shaker/cli 127.0.0.1:22 localhost:80
 * deno run --allow-ffi jsr:@tcp-shaker/tcp-shaker/cli --help
 * ```
 *
 * @module
 */

import config from "./deno.json" with { type: "json" };
import { type Command, parseCommand, UsageError } from "./lib/cli/command.ts";
import { configurationText } from "./lib/cli/configuration.ts";
import { EXIT, HELP } from "./lib/cli/help.ts";
import { Interruption } from "./lib/cli/interruption.ts";
import { Lines } from "./lib/cli/lines.ts";
import { print } from "./lib/cli/output.ts";
import { run } from "./lib/cli/run.ts";
import { Summary } from "./lib/cli/summary.ts";

/**
 * Runs the command. It prints to stdout and stderr, and handles SIGINT and SIGTERM until it is done.
 *
 * @param args The arguments, without the name of the command.
 * @returns The exit status; `--help` lists them all.
 */
export async function main(args: string[]): Promise<number> {
  try {
    const command = parseCommand(args);
    if (command === "help") return print(HELP), EXIT.allUp;
    if (command === "version") return print(`tcp-checker ${config.version}`), EXIT.allUp;
    return await check(command);
  } catch (error) {
    // Whoever read our output has left, as `head -1` does: nothing to complain about.
    if (error instanceof Deno.errors.BrokenPipe) return EXIT.stdoutClosed;
    console.error(`tcp-checker: ${error instanceof Error ? error.message : error}`);
    return error instanceof UsageError ? EXIT.badArguments : EXIT.failed;
  }
}

async function check(command: Command): Promise<number> {
  using interruption = new Interruption();
  const report = command.summary ? new Summary(command) : new Lines(command.targets);
  if (command.verbose) console.error(configurationText(command));
  try {
    await run(command, report, interruption.signal);
  } catch (error) {
    if (error !== interruption.signal.reason) throw error;
  }
  report.end();
  return interruption.exitStatus ?? (report.allUp ? EXIT.allUp : EXIT.someNot);
}

if (import.meta.main) Deno.exit(await main(Deno.args));
