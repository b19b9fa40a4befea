/** Exit statuses: 0 to 4 as in fping, and 128 plus the number of a signal as in shells. */

import type { Tally } from "./tally.ts";

/** The exit statuses. */
export const EXIT = {
  allUp: 0,
  someNot: 1,
  nameNotFound: 2,
  badArguments: 3,
  failed: 4,
  hungUp: 129,
  stdoutClosed: 141,
} as const;

/** The meaning of each status, for the help and the README. */
export const EXIT_TEXTS: readonly (readonly [status: number, text: string])[] = [
  [EXIT.allUp, "all targets are up (wait: the expected state was reached; scan: all checks were made)"],
  [EXIT.someNot, "some targets are not up (wait: the deadline passed)"],
  [EXIT.nameNotFound, "a name has no address"],
  [EXIT.badArguments, "invalid arguments (nothing was sent), or malformed lines in a file (which were skipped)"],
  [EXIT.failed, "a failure on this host: an error of the command, a local-error, or a check past --queue-timeout"],
  [EXIT.hungUp, "ended by SIGHUP: the terminal was closed; without a terminal SIGHUP is ignored"],
  [130, "ended by SIGINT (Ctrl-C), after printing the results so far"],
  [EXIT.stdoutClosed, "stdout was closed"],
  [143, "ended by SIGTERM, after printing the results so far"],
];

/** Rules for combined statuses, as lines of text. */
export const EXIT_NOTES: readonly string[] = [
  "If several of 0 to 4 apply, the highest is returned. With --min-up N the status is 0 if N targets",
  "are up and no line was skipped. --nagios returns 0 to 3, as monitoring plugins do; --prometheus",
  "returns 0 if the metrics are complete. wait returns the status of COMMAND, 126 if it can't be run,",
  "127 if it doesn't exist. monitor and hub return 0 after a signal, and 4 if the servers of a fleet",
  "refuse the key at the first start. fleet status returns 1 if a target is down or unknown, and fleet",
  "apply if the user answers no.",
];

/**
 * Returns the exit status of a scan: 0 if all checks were made, whether or not the targets are up.
 *
 * @param tally The statuses of the results.
 * @param minUp The required number of results that are up; 0 if absent.
 * @param skipped The number of malformed lines that were skipped.
 * @returns The exit status.
 */
export function scanStatus(tally: Tally, minUp: number | undefined, skipped: number): number {
  if (tally.localFailures > 0) return EXIT.failed;
  if (skipped > 0) return EXIT.badArguments;
  return tally.up < (minUp ?? 0) ? EXIT.someNot : EXIT.allUp;
}

/**
 * Returns the exit status of a run that has ended.
 *
 * @param tally The statuses of the results.
 * @param minUp The required number of results that are up; all if absent.
 * @param skipped The number of malformed lines that were skipped.
 * @returns The exit status.
 */
export function exitStatus(tally: Tally, minUp: number | undefined, skipped: number): number {
  const statuses: number[] = [EXIT.allUp];
  if (skipped > 0) statuses.push(EXIT.badArguments);
  if (tally.up < (minUp ?? tally.total)) {
    statuses.push(EXIT.someNot);
    if (tally.counts.unresolved > 0) statuses.push(EXIT.nameNotFound);
    if (tally.localFailures > 0) statuses.push(EXIT.failed);
  }
  return Math.max(...statuses);
}
