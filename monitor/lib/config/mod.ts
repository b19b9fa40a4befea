/**
 * Configuration of a monitoring agent: YAML, validated against a schema, with target lists and secrets in files.
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
import { type ConfigurationHost, parseWith, readWith } from "./load.ts";
import { LOCAL_CONFIGURATION_PARSER } from "./parser.ts";

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
export type { ConfigurationHost } from "./load.ts";
export { ConfigurationError, type ConfigurationProblem, problemLine } from "./problem.ts";
export type { ReadFile } from "./read_file.ts";
export { Secret } from "./values/secret.ts";

/**
 * Parses a configuration.
 *
 * @param text The YAML text.
 * @param host Reads variables and files of secrets.
 * @returns The configuration.
 * @throws {ConfigurationError} If the configuration is invalid. The error lists all problems, with lines.
 */
export async function parseConfiguration(text: string, host: ConfigurationHost = {}): Promise<Configuration> {
  return await parseWith(LOCAL_CONFIGURATION_PARSER, text, host);
}

/**
 * Reads and parses a configuration.
 *
 * @param path The path of the file.
 * @param host Reads the file, variables and files of secrets.
 * @returns The configuration.
 * @throws {ConfigurationError} If the file can't be read, or the configuration is invalid.
 */
export async function readConfiguration(path: string, host: ConfigurationHost = {}): Promise<Configuration> {
  return await readWith(LOCAL_CONFIGURATION_PARSER, path, host);
}
