/** Reading of the files of secrets. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { Configuration } from "./configuration.ts";
import { pathText } from "./issues.ts";
import { ConfigurationError, type ConfigurationProblem } from "./problem.ts";
import type { SecretReference } from "./schema/secret.ts";
import { Secret } from "./secret.ts";
import type { Path } from "./yaml_positions.ts";

/** Reads a text file. */
export type ReadFile = (path: string) => Promise<string>;

/**
 * Replaces references to secrets by the secrets.
 *
 * @param configuration What {@linkcode parseText} returned.
 * @param readFile Reads the files of secrets. A line end at the end of a file is no part of the secret.
 * @returns The configuration.
 * @throws {ConfigurationError} If files can't be read, or are empty.
 */
export async function readSecrets(configuration: Configuration, readFile: ReadFile): Promise<Configuration> {
  const problems: ConfigurationProblem[] = [];
  // Targets have no secrets, and there may be 100,000.
  const { targets, groups, monitor, ...rest } = configuration;
  const resolved = await resolve(rest, readFile, problems, []) as typeof rest;
  if (problems.length > 0) throw new ConfigurationError(problems);
  return { targets, groups, monitor, ...resolved };
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
