/** Options of all packets of a checker. */

import { parseAddress } from "./address.ts";
import { quote } from "./quote.ts";

/** Options of all packets of a checker. With the engine `"connect"` they are a `TypeError`. */
export interface PacketOptions {
  /**
   * Source address, one of this host's: `"192.0.2.1"`, `"2001:db8::1"`, `"fe80::1%eth0"`. Only addresses of its family are
   * probed: a target of the other family is `"unresolved"`.
   *
   * @default {the system's choice for the route to the target}
   */
  source?: string;
  /**
   * Name of the network interface that packets leave by, regardless of routes (`SO_BINDTODEVICE`): up to 15 characters.
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
   * because they are for ECN, which TCP sets by itself (RFC 3168). A RST that the kernel sends for a socket that is closed
   * already has neither this byte nor the mark.
   *
   * @default {0}
   */
  tos?: number;
  /**
   * SYN retransmissions per address, at most: 0 to 127. An address has timed out when the next retransmission would be due,
   * even if the check's `timeout` is not over.
   *
   * @default {as many as there is time for within the `timeout`}
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
 * Validates packet options, and omits absent ones.
 *
 * @param options The user's options.
 * @returns The packet options among them.
 * @throws {TypeError} If one is of the wrong type, or malformed.
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
  // A zone of other characters is no interface name.
  const address = typeof source === "string" && /^[!-~]*$/.test(source) ? parseAddress(source) : undefined;
  if (address !== undefined) return address;
  throw new TypeError(`Cannot check: source must be an IP address: ${quote(source)}`);
}

function resolveInterface(name: string): string {
  // What the kernel takes for a name (dev_valid_name), of characters that are a byte each.
  if (typeof name === "string" && /^[!-.0-9;-~]+$/.test(name) && name.length <= MAX_NAME) return name;
  throw new TypeError(`Cannot check: interface must be a name of up to ${MAX_NAME} characters: ${quote(name)}`);
}

function assertTos(tos: number): void {
  assertInteger("tos", tos, MAX_TOS);
  if (tos % 4 !== 0) {
    throw new RangeError(`Cannot check: tos must be a multiple of 4, as TCP sets the lowest two bits: ${tos}`);
  }
}

function assertInteger(name: string, value: number, max: number): void {
  if (typeof value !== "number") throw new TypeError(`Cannot check: ${name} must be a number: ${quote(value)}`);
  if (!Number.isInteger(value) || value < 0 || value > max) {
    throw new RangeError(`Cannot check: ${name} must be an integer from 0 to ${max}, it is ${value}`);
  }
}
