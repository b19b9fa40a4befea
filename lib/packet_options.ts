/** Options of all packets of a checker. */

import { parseAddress } from "./address.ts";
import { quote } from "./quote.ts";

/** Options of all packets of a checker. With the engine `"connect"` they are a `TypeError`. */
export interface PacketOptions {
  /**
   * Source address, which must be an address of this host: `"192.0.2.1"`, `"2001:db8::1"`, `"fe80::1%eth0"`. A target
   * without an address of the same family is `"unresolved"`.
   *
   * @default {the system's choice for the route to the target}
   */
  source?: string;
  /**
   * Name of the network interface that sends the packets, regardless of routes (`SO_BINDTODEVICE`): up to 15 characters.
   * Needs CAP_NET_RAW before Linux 5.7.
   *
   * @default {the interface of the route to the target}
   */
  interface?: string;
  /**
   * Mark for routing rules and firewalls, 0 to 2^32 - 1 (`SO_MARK`). 0 is no mark; any other needs CAP_NET_ADMIN or, since
   * Linux 5.17, CAP_NET_RAW.
   *
   * @default {0}
   */
  mark?: number;
  /**
   * TOS byte of IPv4, or traffic class of IPv6: a DSCP times 4 (RFC 2474), from 0 to 252. The lowest two bits are 0,
   * because TCP sets them for ECN (RFC 3168). A RST that the kernel sends for a closed socket has neither this byte nor the
   * mark.
   *
   * @default {0}
   */
  tos?: number;
  /**
   * Maximum number of SYN retransmissions per address: 0 to 127. An address times out when the next retransmission would be
   * due, even before the check's `timeout`.
   *
   * @default {as many as the `timeout` permits}
   */
  synRetries?: number;
}

/** A byte, without the two bits of ECN. */
const MAX_TOS = 252;
/** IFNAMSIZ, less its NUL. */
const MAX_NAME = 15;
/** The kernel's MAX_TCP_SYNCNT. */
const MAX_SYN_RETRIES = 127;

/**
 * Validates packet options.
 *
 * @param options The user's options.
 * @returns The packet options that are not `undefined`.
 * @throws {TypeError} If an option has the wrong type, or is malformed.
 * @throws {RangeError} If a number is out of range.
 */
export function resolvePacketOptions(options: PacketOptions): PacketOptions {
  const { source, interface: device, mark, tos, synRetries } = options;
  if (mark !== undefined) assertInteger("mark", mark, 2 ** 32 - 1);
  if (tos !== undefined) assertTos(tos);
  if (synRetries !== undefined) assertInteger("synRetries", synRetries, MAX_SYN_RETRIES);
  return {
    ...source !== undefined && { source: resolveSource(source) },
    ...device !== undefined && { interface: resolveInterface(device) },
    ...mark !== undefined && { mark },
    ...tos !== undefined && { tos },
    ...synRetries !== undefined && { synRetries },
  };
}

function resolveSource(source: string): string {
  // Other characters can't be in a zone, because no interface name has them.
  const address = typeof source === "string" && /^[!-~]*$/.test(source) ? parseAddress(source) : undefined;
  if (address !== undefined) return address;
  throw new TypeError(`Cannot check: source must be an IP address: ${quote(source)}`);
}

function resolveInterface(name: string): string {
  // The kernel's rule of names (dev_valid_name), limited to ASCII.
  if (typeof name === "string" && /^[!-.0-9;-~]+$/.test(name) && name.length <= MAX_NAME) return name;
  throw new TypeError(`Cannot check: interface must be a name of up to ${MAX_NAME} characters: ${quote(name)}`);
}

function assertTos(tos: number): void {
  assertInteger("tos", tos, MAX_TOS);
  if (tos % 4 !== 0) {
    throw new RangeError(`Cannot check: tos must be a multiple of 4, because TCP sets the lowest two bits: ${tos}`);
  }
}

function assertInteger(name: string, value: number, max: number): void {
  if (typeof value !== "number") throw new TypeError(`Cannot check: ${name} must be a number: ${quote(value)}`);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`Cannot check: ${name} must be an integer from 0 to ${max}, it is ${value}`);
  }
}
