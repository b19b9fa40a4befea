/** Problems of the agent that the page shows. */

import type { AgentView } from "../agent/view.ts";
import { problemLine } from "../config/problem.ts";

/**
 * Lists problems: of the last reload, of target lists, and of the database.
 *
 * @param agent The agent.
 * @returns A sentence each.
 */
export function pageProblems(agent: AgentView): string[] {
  const { isSuccessful, problems } = agent.reloadStatus;
  const stored = agent.history?.status().problem;
  return [
    ...isSuccessful
      ? []
      : problems.slice(0, 3).map((problem) =>
        `The configuration is not loaded, the one before stays in force: ${problemLine(problem)}`
      ),
    ...[...agent.lists()].flatMap(({ name, problem }) =>
      problem === undefined ? [] : [`The target list ${name} can't be read, its targets stay: ${problem}`]
    ),
    ...stored === undefined ? [] : [`The history is unavailable: ${stored}`],
  ];
}
