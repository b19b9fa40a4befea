/** Validation of options. It collects all problems, so that one error can name them all. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";

/** Numbers from a first to a last one. */
export interface Bounds {
  readonly least: number;
  readonly most?: number;
  readonly isInteger?: boolean;
}

/**
 * Checks a number.
 *
 * @param name The option.
 * @param value What the user gave.
 * @param bounds What it may be.
 * @param problems Where what is wrong is added: the option, what it must be, and its value.
 * @returns The value; its least one if it is wrong.
 */
export function checkNumber(name: string, value: unknown, bounds: Bounds, problems: string[]): number {
  const { least, most = Infinity, isInteger = false } = bounds;
  if (typeof value === "number" && value >= least && value <= most && (!isInteger || Number.isInteger(value))) {
    return value;
  }
  const kind = isInteger ? "an integer" : "a number";
  const range = most === Infinity ? `of at least ${least}` : `from ${least} to ${most}`;
  problems.push(`${name} must be ${kind} ${range}, it is ${quote(value)}`);
  return least;
}

/**
 * Checks a choice.
 *
 * @param name The option.
 * @param value What the user gave.
 * @param choices What it may be.
 * @param problems Where what is wrong is added.
 * @returns The value; the first choice if it is wrong.
 */
export function checkChoice<T extends string>(
  name: string,
  value: unknown,
  choices: readonly T[],
  problems: string[],
): T {
  const choice = choices.find((choice) => choice === value);
  if (choice !== undefined) return choice;
  problems.push(`${name} must be one of ${choices.map((choice) => quote(choice)).join(", ")}, it is ${quote(value)}`);
  return choices[0];
}
