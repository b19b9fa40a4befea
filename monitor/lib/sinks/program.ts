/** Child process with a time limit and with input on stdin. */

import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";

/**
 * Runs a program until it has ended.
 *
 * @param program Its path or name.
 * @param args Its arguments.
 * @param input The line that it reads on its stdin.
 * @param limits It is killed after `timeout` ms, or when `signal` aborts.
 * @throws {Error} If the program can't be run, fails, or is killed.
 */
export async function runProgram(
  program: string,
  args: string[],
  input: string,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<void> {
  const child = start(program, args);
  let isKilled = false;
  // SIGKILL, because a program may ignore SIGTERM, and other runs wait for its end.
  const kill = () => {
    isKilled = true;
    try {
      child.kill("SIGKILL");
    } catch {
      // It has just ended by itself.
    }
  };
  const timer = setTimeout(kill, timeout);
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill);
  const writer = child.stdin.getWriter();
  // The program need not read it.
  writer.write(new TextEncoder().encode(`${input}\n`)).then(() => writer.close()).catch(() => {});
  const status = await child.status;
  clearTimeout(timer);
  signal.removeEventListener("abort", kill);
  // A child of the program may outlive it, and keep its end of the pipe open.
  writer.abort().catch(() => {});
  if (isKilled) throw new Error(`Program ${quote(program)} was killed, because it had not ended in time`);
  if (status.success) return;
  const end = status.signal === null ? `ended with status ${status.code}` : `was ended by ${status.signal}`;
  throw new Error(`Program ${quote(program)} ${end}`);
}

function start(program: string, args: string[]): Deno.ChildProcess {
  try {
    return new Deno.Command(program, { args, stdin: "piped", stdout: "null", stderr: "null" }).spawn();
  } catch (error) {
    const hint = /\s/.test(program) ? ": give the name of a program, not a command line" : "";
    const reason = error instanceof Deno.errors.NotFound
      ? `there is no such program${hint}`
      : printable((error as Error).message.replace(/^Failed to spawn '.*': /s, ""));
    throw new Error(`Cannot run ${quote(program)}: ${reason}`);
  }
}
