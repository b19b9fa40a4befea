/** What stands before the port of a target: a host, or a network full of them. */

// deno-lint-ignore no-import-prefix -- so that the command needs no configuration, wherever it is run or installed from
import { Address4, Address6 } from "npm:ip-address@^10.7.0";

/** Some hosts, IPv6 addresses in brackets. */
export interface Hosts {
  /** How many there are. Above 2^53 it is rounded. */
  readonly size: number;
  /** Whether it is a name that must be resolved. */
  readonly isName: boolean;
  /** The host at an index, from 0. */
  at(index: number): string;
}

/** How many bits an address has. */
export const ADDRESS_BITS = { 4: 32, 6: 128 } as const;

/** One host. */
export class Host implements Hosts {
  readonly size = 1;
  readonly isName: boolean;
  readonly #text: string;

  constructor(text: string, isName: boolean) {
    this.#text = text;
    this.isName = isName;
  }

  at(): string {
    return this.#text;
  }
}

/** All addresses with the same prefix. */
export class Network implements Hosts {
  readonly size: number;
  readonly isName = false;
  readonly #first: bigint;
  readonly #format: (address: bigint) => string;

  /**
   * @param address An address in it.
   * @param family Its family.
   * @param length The length of the prefix, in bits.
   */
  constructor(address: string, family: 4 | 6, length: number) {
    const Address = family === 4 ? Address4 : Address6;
    this.size = 2 ** (ADDRESS_BITS[family] - length);
    this.#first = new Address(`${address}/${length}`).startAddress().bigInt();
    this.#format = family === 4
      ? (address) => Address4.fromBigInt(address).correctForm()
      : (address) => `[${Address6.fromBigInt(address).correctForm()}]`;
  }

  at(index: number): string {
    return this.#format(this.#first + BigInt(index));
  }
}
