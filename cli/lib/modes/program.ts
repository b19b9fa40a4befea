/** Child programs: the permission to run them, and the program of `wait`. */

import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";
import { printError } from "../output.ts";
import { UsageError } from "../usage_error.ts";

/** Signals forwarded to the program. */
const FORWARDED_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** Exit statuses, as in shells. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/**
 * Requires the permission to run a program before the checks, so that a missing permission is reported at once. On a
 * terminal Deno asks the user for the permission.
 *
 * @param program The program.
 * @param option The option that the program follows.
 * @throws {UsageError} If the name is empty, or the permission is not granted.
 */
export function requireRunPermission(program: string, option: "--" | "--exec"): void {
  if (program === "") throw new UsageError(`Cannot run "": give a program after ${option}, or leave out ${option}`);
  if (Deno.permissions.requestSync({ name: "run", command: program }).state === "granted") return;
  throw new UsageError(`Cannot run ${quote(program)}: Deno was run without --allow-run; add --allow-run=${program}`);
}

/**
 * Runs a program in the foreground: it inherits the terminal, and signals are forwarded to it.
 *
 * @param command The program and its arguments.
 * @returns The program's exit status; 127 if it does not exist, 126 if it can't be run.
 */
export async function runProgram([program, ...args]: readonly string[]): Promise<number> {
  // Added before the child starts, so that no signal ends only this command.
  let child: Deno.ChildProcess | undefined;
  const listeners = forwardedSignals().map((name) => [name, () => send(child, name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  try {
    child = new Deno.Command(program, { args, stdin: "inherit", stdout: "inherit", stderr: "inherit" }).spawn();
    return (await child.status).code;
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    const reason = isMissing
      ? "there is no such program"
      : (error as Error).message.replace(/^Failed to spawn '.*': /s, "");
    printError(`tcp-checker: Cannot run ${quote(program)}: ${printable(reason)}`);
    return isMissing ? NOT_FOUND : NOT_EXECUTABLE;
  } finally {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  }
}

/** The signals to forward. On a terminal SIGINT is left out, because Ctrl-C sends it to the program, too. */
function forwardedSignals(): readonly Deno.Signal[] {
  return Deno.stdin.isTerminal() ? FORWARDED_SIGNALS : [...FORWARDED_SIGNALS, "SIGINT"];
}

function send(child: Deno.ChildProcess | undefined, name: Deno.Signal): void {
  try {
    child?.kill(name);
  } catch {
    // The program has ended already.
  }
}
