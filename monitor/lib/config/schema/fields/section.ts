/** Sections of the configuration: mappings with known keys. */

import { nearest } from "@tcp-shaker/tcp-shaker/nearest";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import * as v from "valibot";
import { type CamelKeys, camelKeys } from "../../values/camel_keys.ts";
import { moveSecretFiles } from "./secret.ts";

/** The known keys of mappings with unknown keys, by issue, because an issue names only the first unknown key. */
const knownKeys = new WeakMap<object, readonly string[]>();

/**
 * Creates the schema of a mapping. The output has camelCase keys, and a secret `NAME_file` becomes `NAME`.
 *
 * An unknown key is a problem, whose message suggests the nearest known key.
 *
 * @param entries The schemas of the values, by key.
 * @returns The schema.
 */
export function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  const keys = Object.keys(entries);
  const secrets = keys.filter((key) => Object.hasOwn(entries, `${key}_file`));
  const givenTwice = (value: object) =>
    secrets.find((name) => Object.hasOwn(value, name) && Object.hasOwn(value, `${name}_file`));
  return v.pipe(
    v.strictObject(entries, (issue) => keyMessage(issue, keys)),
    v.check((value) => givenTwice(value) === undefined, ({ input }) => {
      const name = givenTwice(input);
      return `${name} and ${name}_file exclude each other: remove one`;
    }),
    v.transform((value) => moveSecretFiles(camelKeys(value)) as CamelKeys<typeof value>),
  );
}

/**
 * Finds all unknown keys of a mapping.
 *
 * @param issue An issue of a section.
 * @returns The keys with their problems; `undefined` if the issue is not about an unknown key.
 */
export function unknownKeys(issue: object): { key: string; message: string }[] | undefined {
  const known = knownKeys.get(issue);
  if (known === undefined) return undefined;
  const { input } = (issue as v.StrictObjectIssue).path!.at(-1)!;
  const unknown = Object.keys(input as object).filter((key) => !known.includes(key));
  return unknown.map((key) => ({ key, message: unknownKey(key, known) }));
}

/** Returns the message of a mapping's own problem: an unknown or missing key, or another type. */
function keyMessage(issue: v.StrictObjectIssue, keys: readonly string[]): string {
  const key = issue.path?.[0]?.key;
  if (issue.expected === "never" && typeof key === "string") {
    knownKeys.set(issue, keys);
    return unknownKey(key, keys);
  }
  return issue.path === undefined ? "must be a mapping" : `Missing key ${issue.expected}`;
}

function unknownKey(key: string, keys: readonly string[]): string {
  const suggestion = nearest(key, keys);
  const hint = suggestion === undefined ? `known are ${keys.join(", ")}` : `did you mean ${quote(suggestion)}?`;
  return `Unknown key ${quote(key)}: ${hint}`;
}
