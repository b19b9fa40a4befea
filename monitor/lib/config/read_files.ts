/** Reads the files that a configuration names: secrets, and the module file of the endpoint `/probe`. */

import { snake } from "./values/camel_keys.ts";
import { addFileProblem, type FileProblems } from "./check_files.ts";
import type { Configuration, ProbeConfiguration } from "./configuration.ts";
import { pathText } from "./issues.ts";
import type { ParsedConfiguration } from "./parsed_configuration.ts";
import { DEFAULT_MODULE } from "./probe_modules.ts";
import { type ReadFile, readModules, readSecret } from "./read_file.ts";
import type { SecretReference } from "./schema/fields/secret.ts";
import { Secret } from "./values/secret.ts";
import { tlsProblem } from "./tls_problem.ts";
import type { Path } from "./yaml_positions.ts";

/** A configuration, or problems. */
export interface ReadConfiguration extends FileProblems {
  /** The configuration; absent if there are problems. */
  readonly configuration?: Configuration;
}

/**
 * Reads the files of a configuration.
 *
 * @param parsed The result of {@linkcode parseText}.
 * @param readFile Reads a file.
 * @returns The configuration, or all problems.
 */
export async function readFiles(parsed: ParsedConfiguration, readFile: ReadFile): Promise<ReadConfiguration> {
  return await new Reader(parsed, readFile).read();
}

/** Reads files, and collects problems. */
class Reader {
  readonly #parsed: ParsedConfiguration;
  readonly #readFile: ReadFile;
  readonly #problems: FileProblems = { pathProblems: [], fileProblems: [] };

  constructor(parsed: ParsedConfiguration, readFile: ReadFile) {
    this.#parsed = parsed;
    this.#readFile = readFile;
  }

  async read(): Promise<ReadConfiguration> {
    // Targets are left out, because they have no secrets, and there may be 100,000.
    const { targets, groups, monitor, probe: probeFile, ...rest } = this.#parsed;
    const resolved = await this.#resolve(rest, []) as Omit<Configuration, "targets" | "groups" | "monitor" | "probe">;
    const probe = probeFile && await this.#readProbe(probeFile);
    this.#checkTls(resolved.serve);
    const { pathProblems, fileProblems } = this.#problems;
    if (pathProblems.length + fileProblems.length > 0) return this.#problems;
    return { ...this.#problems, configuration: { targets, groups, monitor, ...resolved, ...probe && { probe } } };
  }

  async #readProbe(
    { allow, modulesFile }: NonNullable<ParsedConfiguration["probe"]>,
  ): Promise<ProbeConfiguration | undefined> {
    if (modulesFile === undefined) return { allow, modules: { tcp_connect: DEFAULT_MODULE } };
    try {
      return { allow, modules: await readModules(modulesFile, this.#readFile) };
    } catch (error) {
      addFileProblem(this.#problems, ["probe", "modules_file"], error as Error);
    }
  }

  async #resolve(value: unknown, path: Path): Promise<unknown> {
    if (typeof value !== "object" || value === null) return value;
    if (isReference(value)) return await this.#readSecret(value, path);
    if (Array.isArray(value)) {
      return await Promise.all(value.map((item, index) => this.#resolve(item, [...path, index])));
    }
    const entries = Object.entries(value).map(async ([key, item]) =>
      [key, await this.#resolve(item, [...path, key])] as const
    );
    return Object.fromEntries(await Promise.all(entries));
  }

  async #readSecret(reference: SecretReference, path: Path): Promise<Secret | undefined> {
    // The schema has validated a secret in the configuration itself.
    if ("secret" in reference) return new Secret(reference.secret);
    const name = snake(String(path.at(-1)));
    const place = [...this.#sectionPath(path.slice(0, -1)), `${name}_file`];
    try {
      return await readSecret(reference.secretFile, name, this.#readFile);
    } catch (error) {
      addFileProblem(this.#problems, place, error as Error);
    }
  }

  #checkTls({ tls }: Configuration["serve"]): void {
    const problem = tls && tlsProblem(tls);
    if (problem === undefined) return;
    const { key, message } = problem;
    const isFile = "secretFile" in (this.#parsed.serve.tls![key] as object);
    const path = ["serve", "tls", isFile ? `${key}_file` : key];
    this.#problems.pathProblems.push({ path, message: `${pathText(path)} ${message}` });
  }

  /** Returns the path in the file, where the lists are separate sections by type. */
  #sectionPath([section, index, ...rest]: Path): Path {
    if (section !== "lists") return index === undefined ? [section] : [section, index, ...rest];
    const before = this.#parsed.lists.slice(0, Number(index)).filter(({ type }) => type === "http_sd");
    return ["http_sd_configs", before.length, ...rest];
  }
}

function isReference(value: object): value is SecretReference {
  return Object.hasOwn(value, "secret") || Object.hasOwn(value, "secretFile");
}
