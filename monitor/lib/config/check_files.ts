/** Check of the files that an invalid configuration names, so that all problems are reported at once. */

import { type FileReference, nameOf } from "./file_references.ts";
import { pathText } from "./issues.ts";
import { ConfigurationError, type ConfigurationProblem } from "./problem.ts";
import { type ReadFile, readModules, readSecret } from "./read_file.ts";
import type { PathProblem } from "./variables.ts";

/** Problems of files that a configuration names. */
export interface FileProblems {
  /** Files that can't be read or have an invalid secret, by the key that names the file. */
  readonly pathProblems: PathProblem[];
  /** Problems in the contents of module files. */
  readonly fileProblems: ConfigurationProblem[];
}

/**
 * Reads files, and collects their problems.
 *
 * @param files The files.
 * @param readFile Reads a file.
 * @returns The problems.
 */
export async function checkFiles(files: readonly FileReference[], readFile: ReadFile): Promise<FileProblems> {
  const problems: FileProblems = { pathProblems: [], fileProblems: [] };
  for (const reference of files) {
    const { path, file } = reference;
    const name = nameOf(reference);
    try {
      await (name === "modules" ? readModules(file, readFile) : readSecret(file, name, readFile));
    } catch (error) {
      addFileProblem(problems, path, error as Error);
    }
  }
  return problems;
}

/** Adds an error of a file to the problems. */
export function addFileProblem({ pathProblems, fileProblems }: FileProblems, path: PathProblem["path"], error: Error) {
  if (error instanceof ConfigurationError) fileProblems.push(...error.problems);
  else pathProblems.push({ path, message: `${pathText(path)}: ${error.message}` });
}
