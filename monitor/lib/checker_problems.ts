/** Validation of a checker's options, without starting a checker. */

import { Checker, type CheckerOptions } from "@tcp-shaker/tcp-shaker";
import type { Problems } from "./problems.ts";

/**
 * Adds the problems of a checker's options: of each option, and if all are valid, of their combination.
 *
 * @param options The options, with known names.
 * @param problems Gets the problems.
 */
export function addCheckerProblems(options: CheckerOptions, problems: Problems): void {
  const { length } = problems.messages;
  for (const option of Object.entries(options)) addProblem(Object.fromEntries([option]), problems);
  if (problems.messages.length === length) addProblem(options, problems);
}

function addProblem(options: CheckerOptions, problems: Problems): void {
  try {
    // The constructor only checks options.
    new Checker(options);
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const message = error.message.replace(/^Cannot check: /, "");
    if (error instanceof RangeError) problems.addOfRange(message);
    else problems.add(message);
  }
}
