/** Validation of options. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { Problems } from "./problems.ts";

/** Range of numbers. */
export interface Bounds {
  readonly min: number;
  readonly max?: number;
  readonly isInteger?: boolean;
}

/**
 * Validates a number.
 *
 * @param name The option.
 * @param value The given value.
 * @param bounds The allowed numbers.
 * @param problems Gets a problem if the value is wrong: the option, its allowed values, and the value.
 * @returns The value; the lower bound if the value is wrong.
 */
export function checkNumber(name: string, value: unknown, bounds: Bounds, problems: Problems): number {
  const { min, max = Infinity, isInteger = false } = bounds;
  if (typeof value === "number" && value >= min && value <= max && (!isInteger || Number.isInteger(value))) {
    return value;
  }
  const kind = isInteger ? "an integer" : "a number";
  const range = max === Infinity ? `of at least ${min}` : `from ${min} to ${max}`;
  const problem = `${name} must be ${kind} ${range}, it is ${quote(value)}`;
  if (typeof value === "number") problems.addOfRange(problem);
  else problems.add(problem);
  return min;
}

/**
 * Validates a choice.
 *
 * @param name The option.
 * @param value The given value.
 * @param choices The allowed values.
 * @param problems Where a problem is added.
 * @returns The value; the first choice if the value is wrong.
 */
export function checkChoice<T extends string>(
  name: string,
  value: unknown,
  choices: readonly T[],
  problems: Problems,
): T {
  const choice = choices.find((choice) => choice === value);
  if (choice !== undefined) return choice;
  problems.add(`${name} must be one of ${choices.map((choice) => quote(choice)).join(", ")}, it is ${quote(value)}`);
  return choices[0];
}
