/** Parser and formatter of one target. */

import { parseEndpoint } from "../address.ts";
import { quote } from "../quote.ts";
import type { CheckTarget, HostPort } from "../result.ts";

/**
 * Parses a target. No name is looked up.
 *
 * @param text `"host:port"`, `"192.0.2.1:80"`, `"[2001:db8::1]:80"`, `"[fe80::1%eth0]:80"`.
 * @returns The host, without brackets, and the port. An IPv6 address is in canonical form (RFC 5952), a name in ASCII
 * (IDNA) and lower case.
 * @throws {TypeError} If the text is malformed.
 * @throws {RangeError} If the port is a number outside 1 to 65535.
 *
 * @example
 * ```ts
 * import { parseTarget } from "@tcp-shaker/tcp-shaker";
 *
 * console.log(parseTarget("[2001:DB8::0:1]:443")); // { hostname: "2001:db8::1", port: 443 }
 * ```
 */
export function parseTarget(text: string): HostPort {
  if (typeof text !== "string") throw new TypeError(`Cannot parse ${quote(text)}: a target is a string, "host:port"`);
  const { host, port } = parseEndpoint(text);
  return { hostname: host, port };
}

/**
 * Formats a target: the inverse of {@linkcode parseTarget}. An IPv6 address gets brackets.
 *
 * @param target A target, or a probed address.
 * @returns `"host:port"`; a string is returned unchanged.
 * @throws {TypeError} If it is neither a string nor an object with a host and a port.
 *
 * @example
 * ```ts
 * import { formatTarget } from "@tcp-shaker/tcp-shaker";
 *
 * console.log(formatTarget({ hostname: "2001:db8::1", port: 443 })); // [2001:db8::1]:443
 * ```
 */
export function formatTarget(target: CheckTarget): string {
  if (typeof target === "string") return target;
  if (typeof target !== "object" || target === null) {
    throw new TypeError(`Cannot format ${quote(target)}: a target is "host:port" or { hostname, port }`);
  }
  const { hostname, port } = target;
  if (typeof hostname !== "string" || typeof port !== "number") {
    throw new TypeError(`Cannot format ${quote(target)}: hostname must be a string and port a number`);
  }
  return hostname.includes(":") && !hostname.startsWith("[") ? `[${hostname}]:${port}` : `${hostname}:${port}`;
}
