/** Loading of a configuration: reads what it names, and parses by a parser of choice. */

import type { Parser } from "../parsing/parser.ts";
import type { Configuration } from "./configuration.ts";
import { ConfigurationError } from "./problem.ts";
import { type ReadFile, readFiles } from "./read_files.ts";
import { readVariables } from "./variables.ts";

/** What a configuration refers to. */
export interface ConfigurationHost {
  /**
   * Gives the value of an environment variable; `undefined` if it is not set.
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
export async function parseWith(parser: Parser, text: string, host: ConfigurationHost): Promise<Configuration> {
  const { environment = (name) => Deno.env.get(name), readFile = (path) => Deno.readTextFile(path) } = host;
  return await readFiles(await parser.configuration(text, readVariables(text, environment)), readFile);
}

/** Reads and parses a configuration. */
export async function readWith(parser: Parser, path: string, host: ConfigurationHost): Promise<Configuration> {
  const { readFile = (path) => Deno.readTextFile(path) } = host;
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    throw new ConfigurationError([{ message: `Cannot read the configuration: ${(error as Error).message}` }], path);
  }
  return await parseWith(parser, text, host);
}
