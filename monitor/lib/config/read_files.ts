/** Reading of the files that a configuration names: secrets, and modules of the endpoint `/probe`. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { Configuration, ProbeConfiguration } from "./configuration.ts";
import { pathText } from "./issues.ts";
import type { ParsedConfiguration } from "./parsed_configuration.ts";
import { DEFAULT_MODULE, parseProbeModules } from "./probe_modules.ts";
import { ConfigurationError, type ConfigurationProblem } from "./problem.ts";
import type { SecretReference } from "./schema/secret.ts";
import { Secret } from "./secret.ts";
import type { Path } from "./yaml_positions.ts";

/** Reads a text file. */
export type ReadFile = (path: string) => Promise<string>;

/**
 * Reads the files of a configuration.
 *
 * @param parsed What {@linkcode parseText} returned.
 * @param readFile Reads a file. A line end at the end of a secret's file is no part of the secret.
 * @returns The configuration.
 * @throws {ConfigurationError} If files can't be read, or anything is wrong with them.
 */
export async function readFiles(parsed: ParsedConfiguration, readFile: ReadFile): Promise<Configuration> {
  const problems: ConfigurationProblem[] = [];
  // Targets have no secrets, and there may be 100,000.
  const { targets, groups, monitor, probe: probeFile, ...rest } = parsed;
  const resolved = await resolve(rest, readFile, problems, []) as typeof rest;
  const probe = probeFile && await readProbe(probeFile, readFile, problems);
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { targets, groups, monitor, ...resolved, ...probe && { probe } };
}

async function readProbe(
  { allow, modulesFile }: NonNullable<ParsedConfiguration["probe"]>,
  readFile: ReadFile,
  problems: ConfigurationProblem[],
): Promise<ProbeConfiguration | undefined> {
  if (modulesFile === undefined) return { allow, modules: { tcp_connect: DEFAULT_MODULE } };
  try {
    return { allow, modules: parseProbeModules(await readFile(modulesFile), modulesFile) };
  } catch (error) {
    const isBad = error instanceof ConfigurationError;
    if (isBad) problems.push(...error.problems);
    else {problems.push({
        message: `probe.modules_file: Cannot read ${quote(modulesFile)}: ${(error as Error).message}`,
      });}
  }
}

async function resolve(
  value: unknown,
  readFile: ReadFile,
  problems: ConfigurationProblem[],
  path: Path,
): Promise<unknown> {
  if (typeof value !== "object" || value === null) return value;
  if (isReference(value)) return await readSecret(value, readFile, problems, path);
  if (Array.isArray(value)) {
    return await Promise.all(value.map((item, index) => resolve(item, readFile, problems, [...path, index])));
  }
  const entries = Object.entries(value).map(async ([key, item]) =>
    [key, await resolve(item, readFile, problems, [...path, key])] as const
  );
  return Object.fromEntries(await Promise.all(entries));
}

async function readSecret(
  reference: SecretReference,
  readFile: ReadFile,
  problems: ConfigurationProblem[],
  path: Path,
): Promise<Secret | undefined> {
  if ("secret" in reference) return new Secret(reference.secret);
  const { secretFile } = reference;
  try {
    const text = (await readFile(secretFile)).replace(/\r?\n$/, "");
    if (text !== "") return new Secret(text);
    problems.push({ message: `${pathText(path)}: The file ${quote(secretFile)} is empty: write the secret into it` });
  } catch (error) {
    problems.push({ message: `${pathText(path)}: Cannot read ${quote(secretFile)}: ${(error as Error).message}` });
  }
}

function isReference(value: object): value is SecretReference {
  return Object.hasOwn(value, "secret") || Object.hasOwn(value, "secretFile");
}
