/** Names of agents, zones and hubs. They are tokens of NATS subjects, so dots, wildcards and spaces are invalid. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";

/** The syntax of names. */
export const NAME = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * Validates a name.
 *
 * @param kind The kind of name: `"agent"`, `"zone"` or `"hub"`.
 * @param name The name.
 * @returns The name.
 * @throws {TypeError} If the name is invalid.
 */
export function checkName(kind: "agent" | "zone" | "hub", name: string): string {
  if (NAME.test(name)) return name;
  throw new TypeError(`The ${kind}'s name ${quote(name)} is invalid: use 1 to 64 letters, digits, "-" and "_"`);
}
