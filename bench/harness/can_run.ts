/** A test run of a command. */

/**
 * Whether a command runs and succeeds.
 *
 * @param line Its path, or its name on the `PATH`, and its arguments.
 */
export async function canRun(...line: string[]): Promise<boolean> {
  const [command, ...args] = line;
  try {
    return (await new Deno.Command(command, { args, stdout: "null", stderr: "null" }).output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}
