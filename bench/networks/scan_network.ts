/** Network of the scanners: rules for the lab (tests/lab/), and the expected verdicts. */

import { listening, refusing, type Rule, silent } from "../../tests/support/behaviour.ts";

/** Scanners do not report silent targets. */
export type Verdict = "up" | "refused";

/** In ms: short enough that answers arrive while SYNs are still sent. */
const ROUND_TRIP = 5;
/** Verdicts of four consecutive /24 at one port. Half are silent, as in most scans. */
const BEHAVIOURS: { behaviour: ReturnType<typeof listening>; verdict?: Verdict }[] = [
  { behaviour: listening(ROUND_TRIP), verdict: "up" },
  { behaviour: silent },
  { behaviour: refusing(ROUND_TRIP), verdict: "refused" },
  { behaviour: silent },
];
const FIRST_PORT = 80;

/** Consecutive addresses from 198.18.0.0, at most 198.18.0.0/15, with several ports each. */
export class ScanNetwork {
  readonly addresses: number;
  readonly ports: readonly number[];

  /**
   * Creates a network.
   *
   * @param addresses The number of addresses: a power of 2, at least 256.
   * @param ports The number of ports per address.
   */
  constructor(addresses: number, ports: number) {
    this.addresses = addresses;
    this.ports = Array.from({ length: ports }, (_, i) => FIRST_PORT + i);
  }

  /** Number of targets. */
  get size(): number {
    return this.addresses * this.ports.length;
  }

  /** "198.18.0.0/15". */
  get prefix(): string {
    return `${address(0)}/${32 - Math.log2(this.addresses)}`;
  }

  /** The rules for the lab. */
  get rules(): Rule[] {
    const blocks = Array.from({ length: this.addresses / 256 }, (_, block) => block);
    return blocks.flatMap((block) =>
      this.ports.map((port) => ({
        to: `${address(block * 256)}/24`,
        ports: port,
        ...expectation(block, port).behaviour,
      }))
    );
  }

  /**
   * Compares verdicts with the rules.
   *
   * @param verdicts The verdicts by "address:port".
   * @returns The number of wrong verdicts.
   */
  wrong(verdicts: ReadonlyMap<string, Verdict>): number {
    let wrong = 0;
    for (let n = 0; n < this.addresses; n++) {
      for (const port of this.ports) {
        if (verdicts.get(`${address(n)}:${port}`) !== expectation(n >> 8, port).verdict) wrong++;
      }
    }
    return wrong;
  }
}

function expectation(block: number, port: number): typeof BEHAVIOURS[number] {
  return BEHAVIOURS[(block + port) % BEHAVIOURS.length];
}

function address(n: number): string {
  return `198.${18 + (n >> 16)}.${n >> 8 & 255}.${n & 255}`;
}
