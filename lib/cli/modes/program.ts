/** The program that is run after waiting. */

import type { Interruption } from "../interruption.ts";
import { complain } from "../output.ts";
import { quote } from "../quote.ts";
import { UsageError } from "../usage_error.ts";

/** What shells have for a program that can't be run, and for one that isn't there. */
const NOT_EXECUTABLE = 126;
const NOT_FOUND = 127;

/**
 * Complains at once, and not after the wait, if Deno will not let us run a program. On a terminal Deno asks.
 *
 * @param program The program.
 * @throws {UsageError} If the permission is missing.
 */
export function assertMayRun(program: string): void {
  if (Deno.permissions.requestSync({ name: "run", command: program }).state === "granted") return;
  throw new UsageError(`Cannot run ${quote(program)}: Deno was run without --allow-run; add --allow-run=${program}`);
}

/**
 * Runs a program, in our place as far as that is possible: it has our terminal, and is told when we are to end.
 *
 * @param command The program and its arguments.
 * @param interruption Tells when we are to end.
 * @returns Its exit status.
 */
export async function runProgram(
  [program, ...args]: readonly string[],
  interruption: Interruption,
): Promise<number> {
  let child: Deno.ChildProcess;
  try {
    child = new Deno.Command(program, { args, stdin: "inherit", stdout: "inherit", stderr: "inherit" }).spawn();
  } catch (error) {
    complain(`tcp-checker: Cannot run ${quote(program)}: ${(error as Error).message}`);
    return error instanceof Deno.errors.NotFound ? NOT_FOUND : NOT_EXECUTABLE;
  }
  interruption.signal.addEventListener("abort", () => {
    // Ctrl-C reaches it by the terminal, as it reaches us.
    if (interruption.name === "SIGTERM") terminate(child);
  }, { once: true });
  return (await child.status).code;
}

function terminate(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGTERM");
  } catch {
    // It has ended already.
  }
}
