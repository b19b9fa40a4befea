/** The `allow` option: the user's address filter. */

import { quote } from "../quote.ts";
import type { ProbedAddress } from "../result.ts";

/**
 * Checks whether an address is allowed.
 *
 * @param allow The user's function.
 * @param address The address. The function gets a copy, so that it can't change the probed address.
 * @returns Whether the address may be probed.
 * @throws {TypeError} If the function does not return a boolean: a promise would be truthy.
 * @throws The function's own error.
 */
export function isAllowed(allow: (address: ProbedAddress) => boolean, address: ProbedAddress): boolean {
  const answer: unknown = allow({ ...address });
  if (typeof answer === "boolean") return answer;
  throw new TypeError(`Cannot check: allow must return a boolean, not a promise, it returned ${quote(answer)}`);
}
