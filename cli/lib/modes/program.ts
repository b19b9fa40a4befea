/** The program that is run after waiting. */

import { complain } from "../output.ts";
import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "../usage_error.ts";

/** What is passed on to the program: all that may be meant for it, and can be caught. */
const PASSED_ON: readonly Deno.Signal[] = Deno.build.os === "windows"
  ? []
  : ["SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2"];

/** What shells have for a program that can't be run, and for one that isn't there. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/**
 * Complains at once, and not after the wait, if there is no program to run, or Deno will not let us run it. On a terminal
 * Deno asks.
 *
 * @param program The program.
 * @throws {UsageError} If the program has no name, or the permission is missing.
 */
export function assertMayRun(program: string): void {
  if (program === "") throw new UsageError('Cannot run "": name a program after --, or leave out --');
  if (Deno.permissions.requestSync({ name: "run", command: program }).state === "granted") return;
  throw new UsageError(`Cannot run ${quote(program)}: Deno was run without --allow-run; add --allow-run=${program}`);
}

/**
 * Runs a program, in our place as far as that is possible: it has our terminal, and gets the signals that we are sent.
 *
 * @param command The program and its arguments.
 * @returns Its exit status.
 */
export async function runProgram([program, ...args]: readonly string[]): Promise<number> {
  // Before there is a child: none of them ends us.
  let child: Deno.ChildProcess | undefined;
  const listeners = signals().map((name) => [name, () => send(child, name)] as const);
  for (const [name, listener] of listeners) Deno.addSignalListener(name, listener);
  try {
    child = new Deno.Command(program, { args, stdin: "inherit", stdout: "inherit", stderr: "inherit" }).spawn();
    return (await child.status).code;
  } catch (error) {
    const isMissing = error instanceof Deno.errors.NotFound;
    const reason = isMissing
      ? "there is no such program"
      : (error as Error).message.replace(/^Failed to spawn '.*': /s, "");
    complain(`tcp-checker: Cannot run ${quote(program)}: ${printable(reason)}`);
    return isMissing ? NOT_FOUND : NOT_EXECUTABLE;
  } finally {
    for (const [name, listener] of listeners) Deno.removeSignalListener(name, listener);
  }
}

/** Ctrl-C reaches the program by the terminal, as it reaches us. */
function signals(): readonly Deno.Signal[] {
  return Deno.stdin.isTerminal() ? PASSED_ON : [...PASSED_ON, "SIGINT"];
}

function send(child: Deno.ChildProcess | undefined, name: Deno.Signal): void {
  try {
    child?.kill(name);
  } catch {
    // It has ended already.
  }
}
