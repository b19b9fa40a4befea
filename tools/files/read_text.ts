/** Reads files that may not exist. */

/** Reads a text file. Returns `undefined` if there is no such file. */
export function readText(path: string | URL): string | undefined {
  try {
    return Deno.readTextFileSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}
