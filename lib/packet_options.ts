/** Options of all packets of a checker. */

import { parseAddress } from "./address.ts";
import { quote } from "./quote.ts";

/** Options of a checker that hold for all packets of its checks, with the engines `"socket"` and `"raw"`. */
export interface PacketOptions {
  /**
   * The address to check from, one of this system's: `"192.0.2.1"`, `"2001:db8::1"`, `"fe80::1%eth0"`. Names are only
   * looked up for addresses of its family; a check of an address of the other one is `"unresolved"`.
   *
   * @default {the system's choice, by the route to the target}
   */
  source?: string;
  /**
   * The name of the interface to check by, whatever the routes say (`SO_BINDTODEVICE`). Needs CAP_NET_RAW before Linux 5.7.
   */
  interface?: string;
  /**
   * A mark for routing rules and firewalls, 0 to 2^32 - 1 (`SO_MARK`). Any but 0, which is none, needs CAP_NET_ADMIN or,
   * since Linux 5.17, CAP_NET_RAW.
   *
   * @default {0}
   */
  mark?: number;
  /**
   * The TOS byte of IPv4, or the traffic class of IPv6: 0 to 252, a multiple of 4, since the lowest two bits are for ECN,
   * which TCP sets by itself (RFC 3168). A DSCP times 4 (RFC 2474). All that sockets send has it. When a segment
   * comes for a socket that was closed meanwhile, the kernel answers with a RST that has neither it nor the mark.
   *
   * @default {0}
   */
  tos?: number;
  /**
   * How many SYNs are sent again to an address that doesn't answer, at most: 0 to 127. When the last one has gone
   * unanswered for as long as it takes until the next would be sent, the address has timed out, even if the
   * check's `timeout` is far away.
   *
   * @default {as many as the `timeout` leaves time for}
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
 * @param options What the user gave.
 * @returns The same, and nothing else.
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
