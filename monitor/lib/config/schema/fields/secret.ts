/** Secrets in the configuration: `NAME` is the secret, `NAME_file` a file that contains it. */

import * as v from "valibot";
import type { Secret } from "../../values/secret.ts";
import { ruleOf } from "../../values/secret_rules.ts";

/** A secret before it is read: a plain object, which `postMessage()` can transfer. */
export type SecretReference = { readonly secret: string } | { readonly secretFile: string };

/** Keys of secrets, whose values problems never quote. */
const secretKeys = new Set<string>();

/** Whether values of a key are secret. */
export function isSecretKey(key: string): boolean {
  return secretKeys.has(key);
}

/**
 * Creates the schemas of a secret: the keys `NAME` and `NAME_file`, of which one may be given. Spread them in a
 * {@linkcode section}, whose output has only `NAME`. {@linkcode readFiles} replaces it by a {@linkcode Secret}.
 *
 * @param name The key of the secret.
 * @returns The schemas.
 */
export function secretEntries<const Name extends string>(name: Name) {
  secretKeys.add(name);
  const { accepts, message } = ruleOf(name);
  const given = v.pipe(
    v.string(message),
    v.minLength(1, message),
    v.check(accepts, message),
    v.transform((secret) => ({ secret }) as unknown as Secret),
  );
  const file = v.pipe(
    v.string("must be a path"),
    v.minLength(1, "must be a path"),
    v.transform((secretFile) => ({ secretFile }) as unknown as Secret),
  );
  return { [name]: v.optional(given), [`${name}_file`]: v.optional(file) } as
    & { [Key in Name]: v.OptionalSchema<typeof given, undefined> }
    & { [Key in `${Name}_file`]: v.OptionalSchema<typeof file, undefined> };
}

/** Renames `nameFile` to `name` where its value is a secret. */
export function moveSecretFiles<Value extends object>(value: Value): Value {
  const entries = Object.entries(value);
  if (!entries.some(([, one]) => isSecretFile(one))) return value;
  return Object.fromEntries(
    entries.map(([key, one]) => [isSecretFile(one) ? key.slice(0, -"File".length) : key, one]),
  ) as Value;
}

function isSecretFile(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.hasOwn(value, "secretFile");
}
