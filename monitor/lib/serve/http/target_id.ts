/** The id of a target in a path. */

import { HttpError } from "./http_error.ts";

/**
 * Decodes the id of a path.
 *
 * @param parts The parts of the path.
 * @returns The id.
 * @throws {HttpError} If the id is malformed.
 */
export function decodeTargetId({ id = "" }: Readonly<Record<string, string | undefined>>): string {
  try {
    return decodeURIComponent(id);
  } catch {
    throw new HttpError(400, "The id in the path is malformed: encode it as UTF-8 with %XX");
  }
}
