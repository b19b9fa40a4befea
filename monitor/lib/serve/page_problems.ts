/** Problems of the agent, for the page. */

import type { AgentView } from "../agent/view.ts";
import { problemLine } from "../config/problem.ts";

/**
 * Lists problems of the last reload, of target lists, and of the database.
 *
 * @param agent The agent.
 * @returns One sentence per problem.
 */
export function pageProblems(agent: AgentView): string[] {
  const { isSuccessful, problems } = agent.reloadStatus;
  const stored = agent.history?.status().problem;
  return [
    ...isSuccessful
      ? []
      : problems.slice(0, 3).map((problem) =>
        `The configuration was not reloaded, and the previous one stays in force: ${problemLine(problem)}`
      ),
    ...[...agent.lists()].flatMap(({ name, problem }) =>
      problem === undefined ? [] : [`The target list ${name} can't be read, and its targets are kept: ${problem}`]
    ),
    ...stored === undefined ? [] : [`The history is unavailable: ${stored}`],
  ];
}
