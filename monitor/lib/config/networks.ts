/** Networks whose addresses may be probed. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { BlockList, isIP } from "node:net";

/** A set of networks. */
export class Networks {
  readonly #list = new BlockList();

  /**
   * Makes a set.
   *
   * @param networks Networks such as `"192.0.2.0/24"`, or addresses.
   * @throws {TypeError} If one is malformed.
   */
  constructor(networks: readonly string[]) {
    for (const network of networks) {
      const subnet = parseNetwork(network);
      if (subnet === undefined) throw new TypeError(`${quote(network)} is no network: write one such as 192.0.2.0/24`);
      this.#list.addSubnet(...subnet);
    }
  }

  /** Whether an address is in one of the networks. A zone is left out. */
  has(address: string): boolean {
    const [plain] = address.split("%");
    return this.#list.check(plain, isIP(plain) === 6 ? "ipv6" : "ipv4");
  }
}

/** Whether a text is a network or an address. */
export function isNetwork(text: string): boolean {
  return parseNetwork(text) !== undefined;
}

function parseNetwork(text: string): [address: string, prefix: number, family: "ipv4" | "ipv6"] | undefined {
  const [, address, prefix] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address ?? "");
  if (family === 0) return undefined;
  const bits = family === 6 ? 128 : 32;
  const length = prefix === undefined ? bits : Number(prefix);
  return length > bits ? undefined : [address, length, family === 6 ? "ipv6" : "ipv4"];
}
