/** Codec of addresses in records: 16 bytes in network byte order, the family, and the zone's name or index. */

import { ipv6Groups } from "../ipv6.ts";
import { ADDRESS } from "./layout.ts";

/** Size of an address record in bytes. */
export const ADDRESS_SIZE: number = ADDRESS.size;

/** Size of the zone's text in bytes: IFNAMSIZ less the NUL. */
const ZONE_SIZE = ADDRESS.family - ADDRESS.zone;
const DOT = 0x2e;
const ZERO = 0x30;

/**
 * Writes an address record. Bytes that the family does not use are not cleared.
 *
 * @param view The buffer.
 * @param at Where the record starts.
 * @param hostname The address in the form that `parseEndpoint()` and `parseAddress()` return.
 * @param family The address family.
 */
export function writeAddress(view: DataView, at: number, hostname: string, family: 4 | 6): void {
  view.setUint8(at + ADDRESS.family, family);
  if (family === 4) writeIpv4(view, at + ADDRESS.ip, hostname);
  else writeIpv6(view, at, hostname);
}

/** Writes an IPv4 address. A loop, because it is faster than `split()` and `Number()`, and nearly every check needs it. */
function writeIpv4(view: DataView, at: number, text: string): void {
  let byte = 0;
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code === DOT) {
      view.setUint8(at++, byte);
      byte = 0;
    } else {
      byte = byte * 10 + code - ZERO;
    }
  }
  view.setUint8(at, byte);
}

function writeIpv6(view: DataView, at: number, text: string): void {
  const groups = ipv6Groups(text);
  for (let i = 0; i < groups.length; i++) view.setUint16(at + ADDRESS.ip + 2 * i, groups[i]);
  const percent = text.indexOf("%");
  const zone = percent < 0 ? "" : text.slice(percent + 1);
  for (let i = 0; i < ZONE_SIZE; i++) view.setUint8(at + ADDRESS.zone + i, i < zone.length ? zone.charCodeAt(i) : 0);
}

/**
 * Formats the address of a record.
 *
 * @param view The buffer.
 * @param at Where the 16 bytes of the address start.
 * @param family The address family.
 * @param scope The index of the zone's interface; 0 for none.
 * @returns The address in text form, RFC 5952 for IPv6.
 */
export function formatAddress(view: DataView, at: number, family: 4 | 6, scope: number): string {
  if (family === 4) return Array.from({ length: 4 }, (_, i) => view.getUint8(at + i)).join(".");
  const groups = Array.from({ length: 8 }, (_, i) => view.getUint16(at + 2 * i).toString(16));
  // The URL class has an RFC 5952 serializer.
  const address = new URL(`http://[${groups.join(":")}]`).hostname.slice(1, -1);
  return scope === 0 ? address : `${address}%${scope}`;
}
