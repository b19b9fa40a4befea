/**
 * Sets of IP addresses: networks, ranges and single addresses.
 *
 * @example
 * ```ts
 * import { AddressSet, parseNetwork } from "@tcp-shaker/tcp-shaker/address-set";
 *
 * const set = new AddressSet([parseNetwork("192.0.2.0/24")!]);
 * console.log(set.has("192.0.2.7"), set.has("::ffff:192.0.2.7"), set.has("2001:db8::1")); // true true false
 * ```
 *
 * @module
 */

import { firstAbove } from "./first_above.ts";
import { ADDRESS_BITS, addressFamily, addressToNumber } from "./ip_number.ts";

/** Range of addresses as integers of {@linkcode addressNumber}, both ends included. */
export interface AddressRange {
  /** The lowest address. */
  readonly first: bigint;
  /** The highest address. */
  readonly last: bigint;
}

/** The prefix of IPv4-mapped IPv6 addresses, in the upper 96 of 128 bits. */
const MAPPED_PREFIX = 0xffffn;
/** Offset of IPv4 addresses, above all IPv6 addresses, so that `::/0` contains no IPv4 address. */
const IPV4_OFFSET = 1n << 128n;

/** Set of addresses: sorted, disjoint ranges with binary search, because a list may have thousands of networks. */
export class AddressSet {
  readonly #firsts: readonly bigint[];
  readonly #lasts: readonly bigint[];

  /**
   * Makes a set.
   *
   * @param ranges Ranges in any order, which may overlap.
   */
  constructor(ranges: readonly AddressRange[]) {
    const merged: { first: bigint; last: bigint }[] = [];
    for (const { first, last } of ranges.toSorted((a, b) => a.first < b.first ? -1 : Number(a.first > b.first))) {
      const before = merged.at(-1);
      if (before === undefined || first > before.last + 1n) merged.push({ first, last });
      else if (last > before.last) before.last = last;
    }
    this.#firsts = merged.map(({ first }) => first);
    this.#lasts = merged.map(({ last }) => last);
  }

  /** Whether the set is empty. */
  get isEmpty(): boolean {
    return this.#firsts.length === 0;
  }

  /**
   * Checks whether an address is in the set.
   *
   * @param address An IP address, with or without brackets and zone.
   * @returns Whether a range contains the address.
   */
  has(address: string): boolean {
    if (this.isEmpty) return false;
    const number = addressNumber(address);
    const range = firstAbove(this.#lasts, number - 1n);
    return this.#firsts[range] <= number && number <= this.#lasts[range];
  }
}

/**
 * Converts an address to an integer. An IPv4 address and its IPv4-mapped IPv6 address have the same integer, because both
 * reach the same host.
 *
 * @param address An IP address, with or without brackets and zone.
 * @returns The integer.
 */
export function addressNumber(address: string): bigint {
  const plain = address.replace(/^\[|\]$|%.*$/g, "");
  if (!plain.includes(":")) return IPV4_OFFSET + addressToNumber(plain, 4);
  const number = addressToNumber(plain, 6);
  return number >> 32n === MAPPED_PREFIX ? IPV4_OFFSET + (number & 0xffff_ffffn) : number;
}

/**
 * Parses a network.
 *
 * @param text A network such as `"192.0.2.0/24"`, or an address.
 * @returns Its addresses; `undefined` if it is malformed.
 */
export function parseNetwork(text: string): AddressRange | undefined {
  const [, address, prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = addressFamily(address ?? "");
  if (family === undefined) return undefined;
  const bits = ADDRESS_BITS[family];
  const length = Number(prefix ?? bits);
  if (length > bits) return undefined;
  const hosts = 1n << BigInt(bits - length);
  const number = addressNumber(address);
  const first = number - number % hosts;
  return { first, last: first + hosts - 1n };
}
