/** What stands before the port of a target: a host, or a network full of them. */

import { ADDRESS_BITS, addressToNumber, numberToAddress } from "./ip_number.ts";

/** Some hosts: names, or addresses without brackets. */
export interface Hosts {
  /** How many there are. Above 2^53 it is rounded. */
  readonly size: number;
  /** The host at an index, from 0. */
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

/** All addresses with the same prefix. */
export class Network implements Hosts {
  readonly size: number;
  readonly #first: bigint;
  readonly #family: 4 | 6;

  /**
   * @param address An address in it.
   * @param family Its family.
   * @param length The length of the prefix, in bits.
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
