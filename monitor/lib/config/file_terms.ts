/** Problems of options in the terms of the configuration's file. */

import { snake } from "./values/camel_keys.ts";
import { formatDuration } from "./values/duration.ts";

/** The problem of an option that is a duration in the file, and a number of ms in the library. */
const DURATION_PROBLEM =
  /(?<=^|: )((?:fast|down)Interval|interval|timeout|staleAfter|queueTimeout|(?:flap|storm|trouble)\.within)( must be .*)$/s;

/**
 * Converts a problem of the library: the option gets its name of the file, and ms get the units that users write.
 *
 * @param problem `"staleAfter must be a number of at least 6000, it is 0"`.
 * @returns `"stale_after must be a duration of at least 6s, it is 0s"`.
 */
export function inFileTerms(problem: string): string {
  return problem.replace(DURATION_PROBLEM, (_, option: string, rest: string) => {
    const durations = rest.replace(/\d+(?:\.\d+)?(?: ms)?/g, (ms) => formatDuration(parseFloat(ms)));
    return snake(option) + durations.replace("must be a number", "must be a duration");
  });
}
