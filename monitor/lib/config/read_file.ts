/** Reading of the files that a configuration names. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { readFailure } from "../read_failure.ts";
import type { ProbeModule } from "./configuration.ts";
import { parseProbeModules } from "./probe_modules.ts";
import { Secret } from "./values/secret.ts";
import { ruleOf } from "./values/secret_rules.ts";

/** Reads a text file. */
export type ReadFile = (path: string) => Promise<string>;

/**
 * Reads a secret.
 *
 * @param path The path of its file. A line end at the end of the file does not belong to the
 * secret.
 * @param name The key of the secret.
 * @param readFile Reads the file.
 * @returns The secret.
 * @throws {Error} If the file can't be read, or its content is no such secret. The message doesn't contain the secret.
 */
export async function readSecret(path: string, name: string, readFile: ReadFile): Promise<Secret> {
  const text = (await readNamed(path, readFile)).replace(/\r?\n$/, "");
  const { accepts, message } = ruleOf(name);
  if (!accepts(text)) throw new Error(`The content of ${quote(path)} ${message}`);
  return new Secret(text);
}

/**
 * Reads the modules of `/probe`.
 *
 * @param path The path of the module file.
 * @param readFile Reads the file.
 * @returns The modules by name.
 * @throws {ConfigurationError} If there are problems in the file.
 * @throws {Error} If the file can't be read.
 */
export async function readModules(path: string, readFile: ReadFile): Promise<Record<string, ProbeModule>> {
  return parseProbeModules(await readNamed(path, readFile), path);
}

async function readNamed(path: string, readFile: ReadFile): Promise<string> {
  try {
    return await readFile(path);
  } catch (error) {
    throw new Error(`Cannot read ${quote(path)}: ${readFailure(error)}`);
  }
}
