/** Targets in canonical form. */

import { type CheckTarget, formatTarget, type HostPort, parseTarget } from "@tcp-shaker/tcp-shaker";
import { quote } from "@tcp-shaker/tcp-shaker/quote";

/** Parses a target, `"host:port"` or an object; what is wrong with it is added to the problems. */
export function parseEndpoint(target: CheckTarget, problems: string[]): HostPort | undefined {
  const isObject = typeof target === "object" && target !== null;
  if (!isObject && typeof target !== "string") {
    problems.push(`target must be "host:port" or { hostname, port }, it is ${quote(target)}`);
    return undefined;
  }
  try {
    return parseTarget(formatTarget(target));
  } catch (error) {
    problems.push((error as Error).message);
  }
}
