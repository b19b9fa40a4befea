/** Reads the files that a configuration names: secrets, and the module file of the endpoint `/probe`. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { readFailure } from "../read_failure.ts";
import { snake } from "./camel_keys.ts";
import type { Configuration, ProbeConfiguration } from "./configuration.ts";
import { pathText } from "./issues.ts";
import type { ParsedConfiguration } from "./parsed_configuration.ts";
import { DEFAULT_MODULE, parseProbeModules } from "./probe_modules.ts";
import { ConfigurationError, type ConfigurationProblem } from "./problem.ts";
import type { SecretReference } from "./schema/secret.ts";
import { Secret } from "./secret.ts";
import { ruleOf } from "./secret_rules.ts";
import { tlsProblem } from "./tls_problem.ts";
import type { PathProblem } from "./variables.ts";
import type { Path } from "./yaml_positions.ts";

/** Reads a text file. */
export type ReadFile = (path: string) => Promise<string>;

/** A configuration, or problems. */
interface ReadConfiguration {
  /** The configuration; absent if there are problems. */
  readonly configuration?: Configuration;
  /** Problems of the configuration's values. */
  readonly pathProblems: readonly PathProblem[];
  /** Problems within other files. */
  readonly fileProblems: readonly ConfigurationProblem[];
}

/**
 * Reads the files of a configuration.
 *
 * @param parsed The result of {@linkcode parseText}.
 * @param readFile Reads a file. A line end at the end of a secret's file does not belong to the secret.
 * @returns The configuration, or all problems.
 */
export async function readFiles(parsed: ParsedConfiguration, readFile: ReadFile): Promise<ReadConfiguration> {
  return await new Reader(parsed, readFile).read();
}

/** Reads files, and collects problems. */
class Reader {
  readonly #parsed: ParsedConfiguration;
  readonly #readFile: ReadFile;
  readonly #pathProblems: PathProblem[] = [];
  readonly #fileProblems: ConfigurationProblem[] = [];

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
    const problems = { pathProblems: this.#pathProblems, fileProblems: this.#fileProblems };
    if (this.#pathProblems.length > 0 || this.#fileProblems.length > 0) return problems;
    return { ...problems, configuration: { targets, groups, monitor, ...resolved, ...probe && { probe } } };
  }

  async #readProbe(
    { allow, modulesFile }: NonNullable<ParsedConfiguration["probe"]>,
  ): Promise<ProbeConfiguration | undefined> {
    if (modulesFile === undefined) return { allow, modules: { tcp_connect: DEFAULT_MODULE } };
    try {
      return { allow, modules: parseProbeModules(await this.#readFile(modulesFile), modulesFile) };
    } catch (error) {
      if (error instanceof ConfigurationError) this.#fileProblems.push(...error.problems);
      else this.#add(["probe", "modules_file"], `: Cannot read ${quote(modulesFile)}: ${readFailure(error)}`);
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
    const { secretFile } = reference;
    try {
      const text = (await this.#readFile(secretFile)).replace(/\r?\n$/, "");
      const { accepts, message } = ruleOf(name);
      if (accepts(text)) return new Secret(text);
      this.#add(place, `: The content of ${quote(secretFile)} ${message}`);
    } catch (error) {
      this.#add(place, `: Cannot read ${quote(secretFile)}: ${readFailure(error)}`);
    }
  }

  #checkTls({ tls }: Configuration["serve"]): void {
    const problem = tls && tlsProblem(tls);
    if (problem === undefined) return;
    const { key, message } = problem;
    const isFile = "secretFile" in (this.#parsed.serve.tls![key] as object);
    this.#add(["serve", "tls", isFile ? `${key}_file` : key], ` ${message}`);
  }

  #add(path: Path, message: string): void {
    this.#pathProblems.push({ path, message: `${pathText(path)}${message}` });
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
