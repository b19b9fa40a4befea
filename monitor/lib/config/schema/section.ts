/** Sections of the configuration: mappings with known keys. */

import { nearest } from "@tcp-shaker/tcp-shaker/nearest";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import * as v from "valibot";
import { type CamelKeys, camelKeys } from "../camel_keys.ts";
import { moveSecretFiles } from "./secret.ts";

/**
 * Makes the schema of a mapping. Its output has camelCase keys, and a secret `NAME_file` becomes `NAME`.
 *
 * An unknown key is a problem: the message suggests the nearest known key.
 *
 * @param entries The schemas of the values, by key.
 * @returns The schema.
 */
export function section<const Entries extends v.ObjectEntries>(entries: Entries) {
  const keys = Object.keys(entries);
  return v.pipe(
    v.strictObject(entries, (issue) => keyMessage(issue, keys)),
    v.transform((value) => moveSecretFiles(camelKeys(value)) as CamelKeys<typeof value>),
  );
}

/** The message of a mapping's own problems: a key that is unknown or missing, or another type. */
function keyMessage(issue: v.StrictObjectIssue, keys: readonly string[]): string {
  const key = issue.path?.[0]?.key;
  if (issue.expected === "never" && typeof key === "string") {
    const suggestion = nearest(key, keys);
    return `Unknown key ${quote(key)}: ${
      suggestion === undefined ? `known are ${keys.join(", ")}` : `did you mean ${quote(suggestion)}?`
    }`;
  }
  return issue.path === undefined ? "must be a mapping" : `Missing key ${issue.expected}`;
}
