/** The `allow` option: whether an address may be checked. */

import { quote } from "./quote.ts";
import type { ProbedAddress } from "./result.ts";

/**
 * Asks about an address.
 *
 * @param allow The user's function.
 * @param address The address. The function has a copy: what it changes is not what is probed.
 * @returns Whether it may be checked.
 * @throws {TypeError} If the answer is no boolean: a promise would pass for `true`.
 * @throws What the function throws.
 */
export function isAllowed(allow: (address: ProbedAddress) => boolean, address: ProbedAddress): boolean {
  const answer: unknown = allow({ ...address });
  if (typeof answer === "boolean") return answer;
  throw new TypeError(`Cannot check: allow must return a boolean, and at once: it returned ${quote(answer)}`);
}
