/** Child process with a time limit, which reads its input on stdin. */

/**
 * Runs a program until it has ended.
 *
 * @param program Its path or name.
 * @param args Its arguments.
 * @param input What it reads on its stdin, as JSON.
 * @param limits It is killed after `timeout` ms, or when `signal` aborts.
 * @throws {Error} If the program can't be run, fails, or is killed.
 */
export async function runProgram(
  program: string,
  args: string[],
  input: unknown,
  { timeout, signal }: { readonly timeout: number; readonly signal: AbortSignal },
): Promise<void> {
  const child = new Deno.Command(program, { args, stdin: "piped", stdout: "null", stderr: "null" }).spawn();
  let isKilled = false;
  // SIGKILL, since a program may ignore SIGTERM, and other programs wait for its place.
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
  writer.write(new TextEncoder().encode(`${JSON.stringify(input)}\n`)).then(() => writer.close()).catch(() => {});
  const status = await child.status;
  clearTimeout(timer);
  signal.removeEventListener("abort", kill);
  // A process that the program left behind may hold its end of the pipe.
  writer.abort().catch(() => {});
  if (isKilled) throw new Error("it was killed, because it had not ended in time");
  if (status.success) return;
  throw new Error(status.signal === null ? `it ended with status ${status.code}` : `it was ended by ${status.signal}`);
}
