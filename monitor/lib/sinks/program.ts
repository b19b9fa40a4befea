/** Child process with a time limit and with input on stdin. */

import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";

/**
 * Runs a program until it has ended.
 *
 * @param program The program's path or name.
 * @param args The arguments.
 * @param input The line on stdin.
 * @param limits The program is killed after `timeout` ms, or when `signal` aborts.
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
      // The program has ended by itself.
    }
  };
  const timer = setTimeout(kill, timeout);
  if (signal.aborted) kill();
  signal.addEventListener("abort", kill);
  const writer = child.stdin.getWriter();
  // Errors are ignored, because the program need not read its stdin.
  writer.write(new TextEncoder().encode(`${input}\n`)).then(() => writer.close()).catch(() => {});
  const status = await child.status;
  clearTimeout(timer);
  signal.removeEventListener("abort", kill);
  // Aborted, because a child of the program may keep the pipe open.
  writer.abort().catch(() => {});
  if (isKilled) throw new Error(`Program ${quote(program)} was killed, because it did not end in time`);
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
