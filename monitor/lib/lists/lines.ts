/** Lists of one target per line, as `tcp-checker --file` reads them. */

import { expandTargets, formatTarget, parseTarget } from "@tcp-shaker/tcp-shaker";
import type { MonitorTarget } from "../target.ts";
import { ListError } from "./list_error.ts";

/** A line that stands for one target, as most do. Its numbers may be too large. */
const ADDRESS_AND_PORT = /^\d+\.\d+\.\d+\.\d+:\d+$/;

/**
 * Parses lines. A line is a target, or stands for several: ports, networks. Comments start with #.
 *
 * @param text The lines.
 * @returns The targets.
 * @throws {ListError} If a line is malformed. It lists all such lines, 20 at most.
 */
export function parseLines(text: string): MonitorTarget[] {
  const targets: string[] = [];
  const problems: string[] = [];
  text.split(/\r\n|\r|\n/).forEach((line, index) => {
    const content = line.replace(/(?:^|\s)#.*$/, "").trim();
    if (content === "") return;
    try {
      if (ADDRESS_AND_PORT.test(content)) targets.push(formatTarget(parseTarget(content)));
      else for (const target of expandTargets(content)) targets.push(formatTarget(target));
    } catch (error) {
      problems.push(`line ${index + 1}: ${(error as Error).message}`);
    }
  });
  if (problems.length === 0) return targets;
  const more = problems.length > 20 ? `; and ${problems.length - 20} more` : "";
  throw new ListError(problems.slice(0, 20).join("; ") + more);
}
