/** The bytes of an IP address. */

import { isIPv4 } from "node:net";

/**
 * Parses an IP address.
 *
 * @param text The address. A zone is left out.
 * @returns 4 or 16 bytes.
 */
export function parseIpAddress(text: string): number[] {
  const [address] = text.split("%");
  if (isIPv4(address)) return address.split(".").map(Number);
  // The URL parser writes an IPv4 tail as two groups.
  const { hostname } = new URL(`http://[${address}]`);
  const [head, tail] = hostname.slice(1, -1).split("::").map((part) => part === "" ? [] : part.split(":"));
  const groups = tail === undefined ? head : [...head, ...new Array(8 - head.length - tail.length).fill("0"), ...tail];
  return groups.map((group) => parseInt(group, 16)).flatMap((group) => [group >> 8, group & 255]);
}
