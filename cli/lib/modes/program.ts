/** Programs that the command runs: their permission, and the program of `wait`. */

import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";
import { printError } from "../output.ts";
import { UsageError } from "../usage_error.ts";

/** Signals that are forwarded to the program: signals of supervisors and users that can be caught. */
const FORWARDED_SIGNALS: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** Exit statuses of shells. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/**
 * Requires the permission to run a program, so that a missing one is reported before the wait and not after. On a
 * terminal Deno asks the user for it.
 *
 * @param program The program.
 * @param option What the program follows.
 * @throws {UsageError} If the name is empty, or the permission is not granted.
 */
export function requireRunPermission(program: string, option: "--" | "--exec"): void {
  if (program === "") throw new UsageError(`Cannot run "": give a program after ${option}, or leave out ${option}`);
  if (Deno.permissions.requestSync({ name: "run", command: program }).state === "granted") return;
  throw new UsageError(`Cannot run ${quote(program)}: Deno was run without --allow-run; add --allow-run=${program}`);
}

/**
 * Runs a program instead of the command, as far as possible: it has the terminal, and gets the signals.
 *
 * @param command The program and its arguments.
 * @returns Its exit status; 127 if there is no such program, 126 if it can't be run.
 */
export async function runProgram([program, ...args]: readonly string[]): Promise<number> {
  // Before the child starts, so that no signal ends the command alone.
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

/** The signals to forward. On a terminal SIGINT is not among them: Ctrl-C sends it to the program too. */
function forwardedSignals(): readonly Deno.Signal[] {
  return Deno.stdin.isTerminal() ? FORWARDED_SIGNALS : [...FORWARDED_SIGNALS, "SIGINT"];
}

function send(child: Deno.ChildProcess | undefined, name: Deno.Signal): void {
  try {
    child?.kill(name);
  } catch {
    // It has ended already.
  }
}
