/** Check of a configuration and of the files that it names, without an agent. */

import type { Configuration } from "../config/configuration.ts";
import { type ConfigurationHost, readConfiguration } from "../config/mod.ts";
import { ConfigurationError } from "../config/problem.ts";
import { TargetLists } from "../lists/target_lists.ts";
import { LOCAL_PARSER } from "../parsing/parser.ts";

/**
 * Reads a configuration, its secrets and its target lists. URLs are not requested.
 *
 * @param path The path of the file.
 * @param host Reads the configuration, variables and secrets.
 * @returns The configuration.
 * @throws {ConfigurationError} If the configuration or a target list is invalid.
 */
export async function checkConfiguration(path: string, host: ConfigurationHost = {}): Promise<Configuration> {
  const configuration = await readConfiguration(path, host);
  const files = configuration.lists.filter(({ type }) => type !== "http_sd");
  await using lists = await TargetLists.open({ ...configuration, lists: files }, LOCAL_PARSER);
  const problems = lists.problems().map((message) => ({ message }));
  if (problems.length > 0) throw new ConfigurationError(problems, path);
  return configuration;
}
