/** Options of a program that override its configuration. */

import type { Configuration } from "./configuration.ts";

/**
 * Overrides parts of a configuration.
 *
 * @param configuration The configuration.
 * @param overrides The address of the HTTP server and the path of the history's file; the configuration's if absent.
 * @returns A configuration with the overrides.
 */
export function withOverrides(
  configuration: Configuration,
  { listen, database }: { readonly listen?: string; readonly database?: string },
): Configuration {
  return {
    ...configuration,
    ...database !== undefined && { database: { ...configuration.database, file: database } },
    ...listen !== undefined && { serve: { ...configuration.serve, listen } },
  };
}
