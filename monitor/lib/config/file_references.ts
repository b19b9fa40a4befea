/** Files that a configuration names: secrets, and the module file of `/probe`. */

import { isMapping } from "../is_mapping.ts";
import { isSecretKey } from "./schema/fields/secret.ts";
import type { Path } from "./yaml_positions.ts";

/** A key `NAME_file`, and its value. */
export interface FileReference {
  /** The path of the key. */
  readonly path: Path;
  /** The path of the file. */
  readonly file: string;
}

/** Sections with keys `NAME_file`. Targets are not searched, because there may be 100,000. */
const SECTIONS = ["serve", "probe", "http_sd_configs", "sinks"];
const SUFFIX = "_file";

/**
 * Finds the files that a configuration names, whether or not the configuration is valid.
 *
 * @param value The configuration.
 * @returns Yields the files.
 */
export function* fileReferences(value: unknown): Generator<FileReference, void> {
  if (!isMapping(value)) return;
  for (const section of SECTIONS) yield* referencesIn(value[section], [section]);
}

/** The name of the secret that a key `NAME_file` is for; `"modules"` for the module file. */
export function nameOf({ path }: FileReference): string {
  return String(path.at(-1)).slice(0, -SUFFIX.length);
}

function* referencesIn(value: unknown, path: Path): Generator<FileReference, void> {
  if (typeof value !== "object" || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    const reference = { path: [...path, Array.isArray(value) ? Number(key) : key], file: item };
    if (typeof item !== "string") yield* referencesIn(item, reference.path);
    else if (item !== "" && key.endsWith(SUFFIX) && isFileKey(nameOf(reference))) yield reference;
  }
}

function isFileKey(name: string): boolean {
  return name === "modules" || isSecretKey(name);
}
