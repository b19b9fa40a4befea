/**
 * Configuration of a monitoring agent: YAML, checked against a schema, with target lists and secrets in files.
 *
 * ```ts
 * import { parseConfiguration } from "@tcp-shaker/monitor/config";
 *
 * const text = "monitor: { interval: 5s }\ntargets: [127.0.0.1:22]\n";
 * const { monitor, targets } = await parseConfiguration(text);
 * console.log(monitor.interval, targets); // 5000 [ "127.0.0.1:22" ]
 * ```
 *
 * @module
 */

import type { Configuration } from "./configuration.ts";
import { parseText } from "./parse.ts";
import { ConfigurationError } from "./problem.ts";
import { type ReadFile, readFiles } from "./read_files.ts";
import { readVariables } from "./variables.ts";

export type {
  AgentCheckConfiguration,
  AlertmanagerConfiguration,
  Configuration,
  ExecConfiguration,
  FileListConfiguration,
  GroupConfiguration,
  HttpListConfiguration,
  ProbeConfiguration,
  ProbeModule,
  ReceiverConfiguration,
  ServeConfiguration,
  SinkConfiguration,
  TargetListBase,
  TargetListConfiguration,
  TlsConfiguration,
  WebhookConfiguration,
} from "./configuration.ts";
export { ConfigurationError, type ConfigurationProblem, problemLine } from "./problem.ts";
export type { ReadFile } from "./read_files.ts";
export { Secret } from "./secret.ts";

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

/**
 * Parses a configuration.
 *
 * @param text The YAML text.
 * @param host Reads variables and files of secrets.
 * @returns The configuration.
 * @throws {ConfigurationError} If anything is wrong. It lists all problems, with lines.
 */
export async function parseConfiguration(text: string, host: ConfigurationHost = {}): Promise<Configuration> {
  const { environment = (name) => Deno.env.get(name), readFile = (path) => Deno.readTextFile(path) } = host;
  return await readFiles(parseText(text, readVariables(text, environment)), readFile);
}

/**
 * Reads and parses a configuration.
 *
 * @param path The path of the file.
 * @param host Reads the file, variables and files of secrets.
 * @returns The configuration.
 * @throws {ConfigurationError} If the file can't be read, or anything is wrong with it.
 */
export async function readConfiguration(path: string, host: ConfigurationHost = {}): Promise<Configuration> {
  const { readFile = (path) => Deno.readTextFile(path) } = host;
  let text: string;
  try {
    text = await readFile(path);
  } catch (error) {
    throw new ConfigurationError([{ message: `Cannot read the configuration: ${(error as Error).message}` }], path);
  }
  return await parseConfiguration(text, host);
}
