/** What scanners scan: a network of the lab (tests/lab/), and what is true of it. */

import { listening, refusing, type Rule, silent } from "../tests/support/behaviour.ts";

/** Of silence nothing is told. */
export type Verdict = "up" | "refused";

/** In ms: answers come while SYNs are still sent. */
const ROUND_TRIP = 5;
/** Of four /24 in a row, at one port. As in most of what is scanned, there is much silence. */
const FATES: { behaviour: ReturnType<typeof listening>; verdict?: Verdict }[] = [
  { behaviour: listening(ROUND_TRIP), verdict: "up" },
  { behaviour: silent },
  { behaviour: refusing(ROUND_TRIP), verdict: "refused" },
  { behaviour: silent },
];
const FIRST_PORT = 80;

/** The addresses from 198.18.0.0 on, up to those of 198.18.0.0/15, and ports of each. */
export class ScanNetwork {
  readonly addresses: number;
  readonly ports: readonly number[];

  /**
   * Makes a network.
   *
   * @param addresses How many: a power of 2, 256 at the least.
   * @param ports How many of each.
   */
  constructor(addresses: number, ports: number) {
    this.addresses = addresses;
    this.ports = Array.from({ length: ports }, (_, i) => FIRST_PORT + i);
  }

  /** How many targets there are. */
  get size(): number {
    return this.addresses * this.ports.length;
  }

  /** "198.18.0.0/15". */
  get prefix(): string {
    return `${address(0)}/${32 - Math.log2(this.addresses)}`;
  }

  /** For the lab. */
  get rules(): Rule[] {
    const blocks = Array.from({ length: this.addresses / 256 }, (_, block) => block);
    return blocks.flatMap((block) =>
      this.ports.map((port) => ({ to: `${address(block * 256)}/24`, ports: port, ...fate(block, port).behaviour }))
    );
  }

  /**
   * Compares what was told with what is true.
   *
   * @param told Verdicts by "address:port".
   * @returns How many targets it was wrong about.
   */
  wrong(told: ReadonlyMap<string, Verdict>): number {
    let wrong = 0;
    for (let n = 0; n < this.addresses; n++) {
      for (const port of this.ports) {
        if (told.get(`${address(n)}:${port}`) !== fate(n >> 8, port).verdict) wrong++;
      }
    }
    return wrong;
  }
}

function fate(block: number, port: number): typeof FATES[number] {
  return FATES[(block + port) % FATES.length];
}

function address(n: number): string {
  return `198.${18 + (n >> 16)}.${n >> 8 & 255}.${n & 255}`;
}
