/** Problems of a configuration, and the error that lists them. */

import { printable } from "@tcp-shaker/tcp-shaker/quote";

/** One problem of a configuration. */
export interface ConfigurationProblem {
  /** What is wrong, and what to do. Never contains a secret. */
  readonly message: string;
  /** The file; absent for the configuration itself. */
  readonly file?: string;
  /** The line, from 1; absent if the problem has no place in the file. */
  readonly line?: number;
  /** The column, from 1. */
  readonly column?: number;
}

/** A configuration is invalid. `problems` lists all problems. */
export class ConfigurationError extends Error {
  /** What is wrong, in the order of the lines. */
  readonly problems: readonly ConfigurationProblem[];

  /**
   * Creates the error.
   *
   * @param problems What is wrong.
   * @param file The name of the configuration's file, for the message.
   */
  constructor(problems: readonly ConfigurationProblem[], file = "configuration") {
    super(problems.map((problem) => problemLine(problem, file)).join("\n"));
    this.name = "ConfigurationError";
    this.problems = problems;
  }
}

/**
 * Formats a problem like a compiler message.
 *
 * @param problem The problem.
 * @param file The name of the configuration's file, for a problem without a file.
 * @returns `"agent.yml:3:5: targets[0].rise must be..."`.
 */
export function problemLine(
  { message, file: own, line, column }: ConfigurationProblem,
  file = "configuration",
): string {
  return `${printable(own ?? file)}${line === undefined ? "" : `:${line}:${column}`}: ${message}`;
}
