/** Targets in canonical form. */

import { type CheckTarget, formatTarget, type HostPort, parseTarget } from "@tcp-shaker/tcp-shaker";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { Problems } from "./problems.ts";

/** Parses a target: `"host:port"`, or an object. If it is malformed, a problem is added. */
export function parseEndpoint(target: CheckTarget, problems: Problems): HostPort | undefined {
  const isObject = typeof target === "object" && target !== null;
  if (!isObject && typeof target !== "string") {
    problems.add(`target must be "host:port" or { hostname, port }, it is ${quote(target)}`);
    return undefined;
  }
  try {
    return parseTarget(formatTarget(target));
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof RangeError) problems.addOfRange(message);
    else problems.add(message);
  }
}
