/** Network 198.18.0.0/15 with mixed behaviour: the rules of its hosts, and the expected outcomes. */

import { listening, refusing, type Rule, silent, unreachable } from "./behaviour.ts";

/** Addresses of the network. */
export const ADDRESSES = 2 ** 17;

/** Behaviours, and their expected outcomes. */
const BEHAVIOURS = [
  { ...listening(1), outcome: "up" },
  { ...refusing(1), outcome: "refused ECONNREFUSED" },
  { ...silent, outcome: "timeout" },
  { ...listening([5, 50]), outcome: "up" },
  { ...unreachable(3, 1, 10), outcome: "unreachable EHOSTUNREACH" },
];
/** The port that every host refuses. At the other ports each /24 has its own behaviour. */
const REFUSED_PORT = 82;
const PORTS = [80, 81, REFUSED_PORT];

/** The rules. */
export const MIXED_RULES: Rule[] = [
  { ports: REFUSED_PORT, ...refusing() },
  ...Array.from({ length: ADDRESSES / 256 }, (_, block): Rule => {
    const { outcome: _outcome, ...behaviour } = expectation(block);
    return { to: `${address(block * 256)}/24`, ...behaviour };
  }),
];

/** All addresses, each once, with one port. Consecutive targets behave differently. */
export function* mixedTargets(): Generator<string> {
  for (let i = 0; i < ADDRESSES; i++) {
    // A factor coprime to the number of addresses visits each address once, and another /24 each time.
    const n = (i * 40_503) % ADDRESSES;
    yield `${address(n)}:${port(n)}`;
  }
}

/** The expected outcome of a target. */
export function expectedOutcome(target: string): string {
  const [a, b, c, d, port] = target.split(/[.:]/).map(Number);
  if (a !== 198 || d > 255) throw new RangeError(`Not in the network: ${target}`);
  return port === REFUSED_PORT ? "refused ECONNREFUSED" : expectation((b - 18) * 256 + c).outcome;
}

function expectation(block: number): typeof BEHAVIOURS[number] {
  return BEHAVIOURS[(block * 7 + (block >> 3)) % BEHAVIOURS.length];
}

function address(n: number): string {
  return `198.${18 + (n >> 16)}.${(n >> 8) & 255}.${n & 255}`;
}

function port(n: number): number {
  return PORTS[(n ^ (n >> 8)) % PORTS.length];
}
