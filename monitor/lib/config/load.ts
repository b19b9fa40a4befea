/** Loading of a configuration: its text, variables and files. */

import { checkFiles } from "./check_files.ts";
import type { Configuration } from "./configuration.ts";
import { InvalidTextError } from "./invalid_text_error.ts";
import type { ConfigurationParser } from "./parser.ts";
import { located } from "./located.ts";
import { ConfigurationError } from "./problem.ts";
import { readFailure } from "../read_failure.ts";
import type { ReadFile } from "./read_file.ts";
import { type ReadConfiguration, readFiles } from "./read_files.ts";
import { readVariables } from "./variables.ts";
import { byPlace } from "./yaml_positions.ts";

/** Access to the variables and files that a configuration refers to. */
export interface ConfigurationHost {
  /**
   * Returns the value of an environment variable; `undefined` if it is not set.
   *
   * @default {Deno.env.get}
   */
  readonly environment?: (name: string) => string | undefined;
  /**
   * Reads a text file: the configuration, or a secret.
   *
   * @default {Deno.readTextFile}
   */
  readonly readFile?: ReadFile;
}

/** Parses a configuration. */
export async function parseWith(
  parser: ConfigurationParser,
  text: string,
  host: ConfigurationHost,
): Promise<Configuration> {
  const { environment = (name) => Deno.env.get(name), readFile = (path) => Deno.readTextFile(path) } = host;
  const parsed = await parser.configuration(text, readVariables(text, environment)).catch((error) => {
    if (error instanceof InvalidTextError) return error;
    throw error;
  });
  const isInvalid = parsed instanceof InvalidTextError;
  const read: ReadConfiguration = isInvalid
    ? await checkFiles(parsed.files, readFile)
    : await readFiles(parsed, readFile);
  const { configuration, pathProblems, fileProblems } = read;
  if (configuration !== undefined) return configuration;
  const places = await parser.places(text, pathProblems.map(({ path }) => path));
  const problems = [...isInvalid ? parsed.problems : [], ...located(pathProblems, places)];
  throw new ConfigurationError([...problems.toSorted(byPlace), ...fileProblems]);
}

/** Reads and parses a configuration. */
export async function readWith(
  parser: ConfigurationParser,
  path: string,
  host: ConfigurationHost,
): Promise<Configuration> {
  const { readFile = (path) => Deno.readTextFile(path) } = host;
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    throw new ConfigurationError([{ message: `Cannot read the configuration: ${readFailure(error)}` }], path);
  }
  return await parseWith(parser, text, host);
}
