/**
 * IP addresses: their family, and their integers for the arithmetic of networks (CIDR).
 *
 * @example
 * ```ts
 * import { addressToNumber, numberToAddress } from "@tcp-shaker/tcp-shaker/ip-number";
 *
 * console.log(numberToAddress(addressToNumber("192.0.2.255", 4) + 1n, 4)); // 192.0.3.0
 * ```
 *
 * @module
 */

import { parseAddress } from "../address.ts";
import { ipv6Groups } from "../ipv6.ts";

/** Number of bits of an address, by family. */
export const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

/**
 * Returns the family of an address.
 *
 * It replaces `isIP()` of Node, because `node:net` takes longer to load than this package.
 *
 * @param text The address in text form, with or without a zone.
 * @returns The family; `undefined` if the text is not an IP address.
 */
export function addressFamily(text: string): 4 | 6 | undefined {
  const address = parseAddress(text);
  if (address !== undefined) return address.includes(":") ? 6 : 4;
}

/**
 * Converts an address to an integer.
 *
 * @param address The address in text form, without a zone.
 * @param family The address family.
 * @returns The address in network byte order, as an integer.
 */
export function addressToNumber(address: string, family: 4 | 6): bigint {
  if (family === 4) return address.split(".").reduce((number, byte) => number << 8n | BigInt(byte), 0n);
  return ipv6Groups(canonical(address)).reduce((number, group) => number << 16n | BigInt(group), 0n);
}

/**
 * Converts an integer to an address.
 *
 * @param number The integer.
 * @param family The family of the address.
 * @returns The address in canonical form, RFC 5952 for IPv6.
 */
export function numberToAddress(number: bigint, family: 4 | 6): string {
  if (family === 4) {
    const word = Number(number);
    return [24, 16, 8, 0].map((shift) => word >>> shift & 0xff).join(".");
  }
  return canonical(number.toString(16).padStart(32, "0").replace(/.{4}(?!$)/g, "$&:"));
}

function canonical(ipv6: string): string {
  return new URL(`http://[${ipv6}]`).hostname.slice(1, -1);
}
