/** IPv4 addresses that are mapped to IPv6: to the system they are IPv4 addresses. */

/** An IP address. */
export interface Address {
  readonly hostname: string;
  readonly family: 4 | 6;
}

/**
 * Brings an IP address into the form in which it is probed and shown.
 *
 * @param hostname The address in text form.
 * @returns The IPv4 address for one that is mapped to IPv6 (RFC 4291, 2.5.5.2), and else the same.
 */
export function canonical(hostname: string): Address {
  const mapped = MAPPED.exec(hostname)?.groups;
  if (mapped === undefined) return { hostname, family: hostname.includes(":") ? 6 : 4 };
  if (mapped.dotted !== undefined) return { hostname: mapped.dotted, family: 4 };
  const bytes = [mapped.high, mapped.low].map((group) => parseInt(group, 16)).flatMap((n) => [n >> 8, n & 0xff]);
  return { hostname: bytes.join("."), family: 4 };
}

const MAPPED = /^::ffff:(?:(?<dotted>[\d.]+)|(?<high>[\da-f]{1,4}):(?<low>[\da-f]{1,4}))(?:%.*)?$/;
