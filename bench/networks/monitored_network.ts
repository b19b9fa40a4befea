/** Network of the monitor in the lab (tests/lab/): its rules, and the expected verdicts. */

import { listening, refusing, type Rule, silent } from "../../tests/support/behaviour.ts";

/** In ms. */
const ROUND_TRIP = 5;
/** Behaviours of consecutive /24s. A quarter of the targets is down. */
const BEHAVIOURS = [
  ...Array.from({ length: 6 }, () => ({ behaviour: listening(ROUND_TRIP), state: "up" })),
  { behaviour: refusing(ROUND_TRIP), state: "down" },
  { behaviour: silent, state: "down" },
];

/** Makes the rules for the lab. */
export function networkRules(targets: number): Rule[] {
  return Array.from({ length: Math.ceil(targets / 256) }, (_, block) => ({
    to: `${address(block * 256)}/24`,
    ...BEHAVIOURS[block % BEHAVIOURS.length].behaviour,
  }));
}

/** A target, by its number. */
export function targetOf(index: number): string {
  return `${address(index)}:80`;
}

/** The expected verdict of a target. */
export function expectedState(target: number): string {
  return BEHAVIOURS[(target >> 8) % BEHAVIOURS.length].state;
}

function address(n: number): string {
  return `198.${18 + (n >> 16)}.${n >> 8 & 255}.${n & 255}`;
}
