/** Error of a configuration's text, with the files that the text names. */

import type { FileReference } from "./file_references.ts";
import { ConfigurationError, type ConfigurationProblem } from "./problem.ts";

/** The text of a configuration is invalid. The caller also checks its files, to report all problems at once. */
export class InvalidTextError extends ConfigurationError {
  /** The files that the text names. */
  readonly files: readonly FileReference[];

  /**
   * Creates the error.
   *
   * @param problems What is wrong with the text.
   * @param files The files that the text names.
   */
  constructor(problems: readonly ConfigurationProblem[], files: readonly FileReference[]) {
    super(problems);
    this.files = files;
  }
}
