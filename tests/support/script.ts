/** Scripts of tests/scripts/, run in their own processes, with other limits or in another network. */

/**
 * Runs a script.
 *
 * @param script Its file name.
 * @param input The input, which {@linkcode readInput} returns in the script.
 * @param shell Shell commands that run before it in the same process.
 * @param wrapper The command that runs the shell.
 * @returns The value that it passed to {@linkcode writeOutput}.
 * @throws {Error} If it failed, with its stderr.
 */
export async function runScript<Output>(
  script: string,
  input: unknown,
  shell = "",
  wrapper: string[] = [],
): Promise<Output> {
  const [command, ...args] = [...scriptCommand(script, shell, wrapper), JSON.stringify(input)];
  // Without Deno's check for updates, whose packets would be counted.
  const env = { DENO_NO_UPDATE_CHECK: "1" };
  const { success, stdout, stderr } = await new Deno.Command(command, { args, env }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${script} failed: ${text.decode(stderr)}${text.decode(stdout)}`);
  return JSON.parse(text.decode(stdout));
}

/** The command that runs a script: the wrapper runs the shell, which executes the script. */
export function scriptCommand(script: string, shell: string, wrapper: readonly string[]): string[] {
  const path = decodeURIComponent(new URL(`../scripts/${script}`, import.meta.url).pathname);
  return [
    ...wrapper,
    ...["sh", "-euc", `${shell}\nexec "$@"`, "sh"],
    ...[Deno.execPath(), "run", "--quiet", "--allow-all", "--cached-only", path],
  ];
}

/** For scripts: reads the input from the test. */
export function readInput<Input>(): Input {
  return JSON.parse(Deno.args[0]);
}

/** For scripts: writes the output for the test. */
export function writeOutput(output: unknown): void {
  console.log(JSON.stringify(output));
}
