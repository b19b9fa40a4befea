/** Exit statuses: fping's, and those of commands that a signal has ended. */

import type { Tally } from "./tally.ts";

/** The exit statuses; one that ends the command by a signal is 128 and the signal's number, as shells have it. */
export const EXIT = {
  allUp: 0,
  someNot: 1,
  nameNotFound: 2,
  badArguments: 3,
  failed: 4,
  hungUp: 129,
  stdoutClosed: 141,
} as const;

/** What the help says of each. */
export const EXIT_TEXTS: readonly (readonly [status: number, text: string])[] = [
  [EXIT.allUp, "all targets were up (with wait: what was waited for is true)"],
  [EXIT.someNot, "some were not (with wait: not before the deadline)"],
  [EXIT.nameNotFound, "a name has no address"],
  [EXIT.badArguments, "bad arguments: nothing was sent; or malformed lines of a file: they were skipped"],
  [EXIT.failed, "our own side failed: the command itself, or a check with local-error"],
  [EXIT.hungUp, "ended by SIGHUP: its terminal was closed; without one, as with nohup, it goes on"],
  [130, "ended by SIGINT (Ctrl-C), what was known by then is printed"],
  [EXIT.stdoutClosed, "stdout was closed"],
  [143, "ended by SIGTERM, what was known by then is printed"],
];

/** What the help says of several at once, and of others, in lines. */
export const EXIT_NOTES: readonly string[] = [
  "The highest of 0 to 4 that applies. N that are up, by --min-up N, are enough for 0, unless",
  "lines were skipped. With --nagios they are a plugin's: 0 to 3. A COMMAND that was run after",
  "waiting gives its own; 126 if it can't be run, 127 if there is none.",
];

/**
 * Judges a run that came to its end.
 *
 * @param tally How often there was each status.
 * @param minUp How many that are up are enough; all must be if absent.
 * @param skipped How many malformed lines were skipped.
 * @returns The exit status.
 */
export function exitStatus(tally: Tally, minUp: number | undefined, skipped: number): number {
  const statuses: number[] = [EXIT.allUp];
  if (skipped > 0) statuses.push(EXIT.badArguments);
  if (tally.up < (minUp ?? tally.total)) {
    statuses.push(EXIT.someNot);
    if (tally.counts.unresolved > 0) statuses.push(EXIT.nameNotFound);
    if (tally.counts["local-error"] > 0) statuses.push(EXIT.failed);
  }
  return Math.max(...statuses);
}
