/** One attempt to load a configuration again, and its outcome. */

import { ConfigurationError } from "../config/problem.ts";
import type { ReloadStatus } from "./view.ts";

/**
 * Loads a configuration again.
 *
 * @param before The outcome of the last attempt.
 * @param file The configuration's file, for its problems.
 * @param load Loads and applies the configuration. If it rejects, nothing has changed.
 * @returns The outcome.
 */
export async function attemptReload(
  before: ReloadStatus,
  file: string | undefined,
  load: () => Promise<void>,
): Promise<ReloadStatus> {
  try {
    await load();
    return { isSuccessful: true, succeededAt: Date.now(), problems: [] };
  } catch (error) {
    const problems = error instanceof ConfigurationError ? error.problems : [{ message: (error as Error).message }];
    const own = file === undefined ? {} : { file };
    return { ...before, isSuccessful: false, problems: problems.map((problem) => ({ ...own, ...problem })) };
  }
}
