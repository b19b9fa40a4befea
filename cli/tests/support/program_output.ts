/** Output of other programs. */

/** Runs a program, by default in the root of the repository. */
export async function output(
  program: string,
  args: string[],
  cwd: string | URL = new URL("../../../", import.meta.url),
) {
  const { code, stdout, stderr } = await new Deno.Command(program, { args, cwd }).output();
  const decoder = new TextDecoder();
  return { code, stdout: decoder.decode(stdout), stderr: decoder.decode(stderr) };
}
