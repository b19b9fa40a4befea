/** Errors of targets that can't be monitored. Each lists all problems. */

import type { Problems } from "./problems.ts";

/** Maximum number of problems in a message. */
const SHOWN = 20;

/** Targets are malformed, or their ids are not unique. Nothing was changed. */
export class InvalidTargetsError extends TypeError {
  /** One line per problem: the target's id, a colon, the problem. */
  readonly problems: readonly string[];

  /**
   * Creates the error.
   *
   * @param problems What is wrong.
   */
  constructor(problems: readonly string[]) {
    super(messageOf(problems));
    this.name = "InvalidTargetsError";
    this.problems = problems;
  }
}

/** Options of targets are numbers out of range, and nothing else is wrong. Nothing was changed. */
export class TargetsOutOfRangeError extends RangeError {
  /** One line per problem: the target's id, a colon, the problem. */
  readonly problems: readonly string[];

  /**
   * Creates the error.
   *
   * @param problems What is wrong.
   */
  constructor(problems: readonly string[]) {
    super(messageOf(problems));
    this.name = "TargetsOutOfRangeError";
    this.problems = problems;
  }
}

/** Creates the error of problems with targets. */
export function targetsError({ messages, areOfRange }: Problems): InvalidTargetsError | TargetsOutOfRangeError {
  return areOfRange ? new TargetsOutOfRangeError(messages) : new InvalidTargetsError(messages);
}

function messageOf(problems: readonly string[]): string {
  const shown = problems.slice(0, SHOWN).map((problem) => `\n  ${problem}`).join("");
  const more = problems.length > SHOWN ? `\n  and ${problems.length - SHOWN} more` : "";
  return `Cannot monitor these targets:${shown}${more}`;
}
