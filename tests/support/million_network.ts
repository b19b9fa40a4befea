/** Network 198.18.0.0/15 with eight ports: the behaviour of each port of each /24, and the expected outcomes. */

import { type Behaviour, listening, refusing, type Rule, silent, unreachable } from "./behaviour.ts";

const BLOCKS = 512;
const ADDRESSES = BLOCKS * 256;
const PORTS = [80, 81, 82, 83, 84, 85, 86, 87];

/** Targets of the network: 1,048,576. */
export const TARGETS = ADDRESSES * PORTS.length;

/** Timeout of the checks, in ms. */
export const TIMEOUT = 5000;

interface Expectation {
  behaviour: Behaviour;
  /** The expected outcome. */
  outcome: "up" | "refused ECONNREFUSED" | "unreachable EHOSTUNREACH" | "unreachable ENETUNREACH" | "timeout";
}

const UP: Expectation = { behaviour: once(listening(1)), outcome: "up" };
const UP_BUT_SLOW: Expectation = { behaviour: once(listening([1, 20])), outcome: "up" };
const REFUSED: Expectation = { behaviour: refusing([1, 5]), outcome: "refused ECONNREFUSED" };
const NO_HOST: Expectation = { behaviour: unreachable(3, 1), outcome: "unreachable EHOSTUNREACH" };
const NO_NETWORK: Expectation = { behaviour: unreachable(3, 0), outcome: "unreachable ENETUNREACH" };
const SILENT: Expectation = { behaviour: silent, outcome: "timeout" };
/** The first SYN is answered after its check has ended. */
const LATE: Expectation = {
  behaviour: { replies: [{ send: { kind: "syn-ack" }, after: 2 * TIMEOUT, syns: [1] }] },
  outcome: "timeout",
};

/** Behaviours of 16 consecutive ports. */
const BEHAVIOURS = [
  ...[UP, REFUSED, UP_BUT_SLOW, NO_HOST, UP, REFUSED, UP, SILENT],
  ...[UP, REFUSED, UP_BUT_SLOW, NO_HOST, UP, REFUSED, UP_BUT_SLOW, NO_NETWORK],
];

/** Every 32nd /24 has one address that answers late at all ports: 128 targets in total. */
const LATE_EVERY = 32;
const LATE_HOST = 255;

/** The rules. */
export const MILLION_RULES: Rule[] = [
  ...blocks().filter((block) => block % LATE_EVERY === 0).map((block): Rule => ({
    to: `${address(block, LATE_HOST)}/32`,
    ...LATE.behaviour,
  })),
  ...blocks().flatMap((block) =>
    PORTS.map((port): Rule => ({
      to: `${address(block, 0)}/24`,
      ports: port,
      ...expectation(block, 0, port).behaviour,
    }))
  ),
];

/** All targets, each once. Consecutive addresses are in distant /24s. */
export function* millionTargets(): Generator<string> {
  for (let i = 0; i < ADDRESSES; i++) {
    // A factor coprime to the number of addresses visits each address once.
    const n = (i * 40_503) % ADDRESSES;
    for (const port of PORTS) yield `${address(n >> 8, n & 255)}:${port}`;
  }
}

/** The index of a target, below {@linkcode TARGETS}, and its expected outcome. */
export function expectedResult(target: string): { number: number; outcome: Expectation["outcome"] } {
  const [a, b, c, d, port] = target.split(/[.:]/).map(Number);
  const block = (b - 18) * 256 + c;
  const number = (block * 256 + d) * PORTS.length + PORTS.indexOf(port);
  if (a !== 198 || !(number >= 0 && number < TARGETS)) throw new RangeError(`Not in the network: ${target}`);
  return { number, outcome: expectation(block, d, port).outcome };
}

function expectation(block: number, host: number, port: number): Expectation {
  if (block % LATE_EVERY === 0 && host === LATE_HOST) return LATE;
  return BEHAVIOURS[(block * 5 + (block >> 4) + port * 3) % BEHAVIOURS.length];
}

function blocks(): number[] {
  return Array.from({ length: BLOCKS }, (_, block) => block);
}

function address(block: number, host: number): string {
  return `198.${18 + (block >> 8)}.${block & 255}.${host}`;
}

/** Removes retransmissions: one answer per SYN. */
function once({ replies, ...rest }: Behaviour): Behaviour {
  return { ...rest, replies: replies?.map(({ retransmitAfter: _, ...reply }) => reply) };
}
