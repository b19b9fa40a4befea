/** Canonical form of IP addresses: an IPv4-mapped IPv6 address becomes an IPv4 address, as in the kernel. */

/** An IP address. */
export interface Address {
  readonly hostname: string;
  readonly family: 4 | 6;
}

/**
 * Converts an IP address to its canonical form, in which it is probed and reported.
 *
 * @param hostname The address in text form.
 * @returns The IPv4 address of an IPv4-mapped IPv6 address (RFC 4291, 2.5.5.2); any other address unchanged.
 */
export function canonical(hostname: string): Address {
  const mapped = MAPPED.exec(hostname)?.groups;
  if (mapped === undefined) return { hostname, family: hostname.includes(":") ? 6 : 4 };
  if (mapped.dotted !== undefined) return { hostname: mapped.dotted, family: 4 };
  const bytes = [mapped.high, mapped.low].map((group) => parseInt(group, 16)).flatMap((n) => [n >> 8, n & 0xff]);
  return { hostname: bytes.join("."), family: 4 };
}

const MAPPED = /^::ffff:(?:(?<dotted>[\d.]+)|(?<high>[\da-f]{1,4}):(?<low>[\da-f]{1,4}))(?:%.*)?$/;
