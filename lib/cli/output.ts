/** Standard output, where nothing gets lost silently. */

const encoder = new TextEncoder();

/**
 * Prints a line. Unlike `console.log()` it tells when it can't.
 *
 * @param text The line, or several.
 * @throws {Deno.errors.BrokenPipe} If nobody reads stdout any more.
 */
export function print(text: string): void {
  let rest = encoder.encode(`${text}\n`);
  while (rest.length > 0) rest = rest.subarray(Deno.stdout.writeSync(rest));
}
