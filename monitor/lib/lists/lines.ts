/** Lists with one target per line, in the format of `tcp-checker --file`. */

import { expandTargets, formatTarget, parseTarget } from "@tcp-shaker/tcp-shaker";
import { ListError } from "./list_error.ts";

/** Matches most lines with one target, for a fast path. The numbers may be out of range. */
const ADDRESS_AND_PORT = /^\d+\.\d+\.\d+\.\d+:\d+$/;

/**
 * Parses lines. A line is a target, or is expanded to several (ports, networks). Comments start with #.
 *
 * @param text The lines.
 * @returns Yields the targets.
 * @throws {ListError} At the end, if lines are malformed. The error lists them, at most 20.
 */
export function* parseLines(text: string): Generator<string, void> {
  const problems: string[] = [];
  for (const [index, line] of text.split(/\r\n|\r|\n/).entries()) {
    try {
      if (ADDRESS_AND_PORT.test(line)) {
        yield formatTarget(parseTarget(line));
        continue;
      }
      const content = line.replace(/(?:^|\s)#.*$/, "").trim();
      if (content !== "") { for (const target of expandTargets(content)) yield formatTarget(target); }
    } catch (error) {
      problems.push(`line ${index + 1}: ${(error as Error).message}`);
    }
  }
  if (problems.length === 0) return;
  const more = problems.length > 20 ? `; and ${problems.length - 20} more` : "";
  throw new ListError(problems.slice(0, 20).join("; ") + more);
}
