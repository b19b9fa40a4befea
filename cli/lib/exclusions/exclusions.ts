/** Set of IP addresses that a scan leaves alone. */

import { firstAbove } from "@tcp-shaker/tcp-shaker/first-above";
import { addressToNumber } from "@tcp-shaker/tcp-shaker/ip-number";

/** A range of addresses as integers, both ends included. */
export interface AddressRange {
  readonly first: bigint;
  readonly last: bigint;
}

/** IPv4-mapped IPv6 addresses reach IPv4 hosts, so that IPv4 addresses are compared in this form. */
const MAPPED_PREFIX = 0xffffn << 32n;

/**
 * Sorted, disjoint ranges, searched by bisection: lists of opted-out networks have thousands of entries.
 */
export class Exclusions {
  readonly #firsts: readonly bigint[];
  readonly #lasts: readonly bigint[];

  /** @param ranges Ranges in any order, which may overlap. */
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

  /** Whether no address is excluded. */
  get isEmpty(): boolean {
    return this.#firsts.length === 0;
  }

  /**
   * Whether an address is excluded.
   *
   * @param address An IP address, with or without brackets and zone.
   * @returns Whether it is in one of the ranges.
   */
  has(address: string): boolean {
    const number = addressNumber(address);
    if (this.isEmpty) return false;
    const range = firstAbove(this.#lasts, number - 1n);
    return this.#firsts[range] <= number && number <= this.#lasts[range];
  }
}

/**
 * Converts an address to an integer, the same one for an IPv4 address and its IPv4-mapped IPv6 address.
 *
 * @param address An IP address, with or without brackets and zone.
 * @returns The integer.
 */
export function addressNumber(address: string): bigint {
  const plain = address.replace(/^\[|\]$|%.*$/g, "");
  return plain.includes(":") ? addressToNumber(plain, 6) : MAPPED_PREFIX + addressToNumber(plain, 4);
}
