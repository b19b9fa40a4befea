/** Reasons why files can't be read. */

/**
 * Returns the reason why a file could not be read.
 *
 * @param error The error from Deno.
 * @returns The reason, without the path, which Deno appends to the system's message.
 */
export function readFailure(error: unknown): string {
  if (error instanceof Deno.errors.NotFound) return "there is no such file";
  if (error instanceof Deno.errors.IsADirectory) return "it is a folder";
  if (error instanceof Deno.errors.PermissionDenied) return "the system denies access to it";
  return (error as Error).message.replace(/(\(os error \d+\)): \w+ '.*/s, "$1");
}
