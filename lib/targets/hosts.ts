/** The host part of an expanded target: one host, or the addresses of a network. */

import { ADDRESS_BITS, addressToNumber, numberToAddress } from "./ip_number.ts";

/** Sequence of hosts: names, or addresses without brackets. */
export interface Hosts {
  /** The number of hosts; rounded above 2^53. */
  readonly size: number;
  /** Returns the host at an index, from 0. */
  at(index: number): string;
}

/** One host. */
export class Host implements Hosts {
  readonly size = 1;
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  at(): string {
    return this.#text;
  }
}

/** All addresses of a network. */
export class Network implements Hosts {
  readonly size: number;
  readonly #first: bigint;
  readonly #family: 4 | 6;

  /**
   * @param address An address of the network.
   * @param family The address family.
   * @param length The prefix length in bits.
   */
  constructor(address: string, family: 4 | 6, length: number) {
    const hostBits = ADDRESS_BITS[family] - length;
    this.size = 2 ** hostBits;
    this.#first = addressToNumber(address, family) >> BigInt(hostBits) << BigInt(hostBits);
    this.#family = family;
  }

  at(index: number): string {
    return numberToAddress(this.#first + BigInt(index), this.#family);
  }
}
