/** Loads the configuration of an agent. */

import type { Configuration } from "../config/configuration.ts";
import { readWith } from "../config/load.ts";
import { withOverrides } from "../config/overrides.ts";
import type { Parser } from "../parsing/parser.ts";
import type { AgentOptions } from "./options.ts";

/**
 * Loads the configuration of an agent.
 *
 * @param options The source, and what overrides it.
 * @param parser Parses the configuration.
 * @returns The configuration.
 * @throws {ConfigurationError} If the configuration is invalid.
 */
export async function loadConfiguration(options: AgentOptions, parser: Parser): Promise<Configuration> {
  const { source, host = {} } = options;
  return withOverrides(typeof source === "string" ? await readWith(parser, source, host) : source, options);
}
