/** Problems with their places, in the order of the lines. */

import type { ConfigurationProblem } from "./problem.ts";
import type { PathProblem } from "./variables.ts";
import { byPlace, type Place } from "./yaml_positions.ts";

/**
 * Adds places to problems, and sorts them.
 *
 * @param problems The problems.
 * @param places The place of each.
 * @param file The file they are in; absent for the configuration itself.
 */
export function located(
  problems: readonly PathProblem[],
  places: readonly Place[],
  file?: string,
): ConfigurationProblem[] {
  return problems.map(({ message }, index) => ({ message, ...file !== undefined && { file }, ...places[index] }))
    .toSorted(byPlace);
}
