/** Scripts of tests/scripts/, run in processes of their own: with other limits, or in another network. */

/**
 * Runs a script.
 *
 * @param script Its file name.
 * @param input What it finds with {@linkcode readInput}.
 * @param shell Shell commands that set the stage for it, in the process that it will be.
 * @param wrapper The command that runs the shell.
 * @returns What it gave to {@linkcode writeOutput}.
 * @throws {Error} If it failed, with what it said.
 */
export async function runScript<Output>(
  script: string,
  input: unknown,
  shell = "",
  wrapper: string[] = [],
): Promise<Output> {
  const path = decodeURIComponent(new URL(`../scripts/${script}`, import.meta.url).pathname);
  const [command, ...args] = [
    ...wrapper,
    ...["sh", "-euc", `${shell}\nexec "$@"`, "sh"],
    ...[Deno.execPath(), "run", "--quiet", "--allow-all", "--cached-only", path, JSON.stringify(input)],
  ];
  // Without its question for a newer Deno, which tests that count would count.
  const env = { DENO_NO_UPDATE_CHECK: "1" };
  const { success, stdout, stderr } = await new Deno.Command(command, { args, env }).output();
  const text = new TextDecoder();
  if (!success) throw new Error(`${script} failed: ${text.decode(stderr)}${text.decode(stdout)}`);
  return JSON.parse(text.decode(stdout));
}

/** For scripts: what the test gave. */
export function readInput<Input>(): Input {
  return JSON.parse(Deno.args[0]);
}

/** For scripts: what the test gets. */
export function writeOutput(output: unknown): void {
  console.log(JSON.stringify(output));
}
