/** The man page, made from the same tables as the help. */

import { EXAMPLES } from "./examples.ts";
import { EXIT_NOTES, EXIT_TEXTS } from "../exit_status.ts";
import { type Flag, GROUPS } from "./flag.ts";
import { type FlagName, flags } from "./flags.ts";
import { FLEET_USAGES } from "./fleet_actions.ts";
import {
  ENGINES,
  FLEET,
  HISTORY,
  MONITOR,
  OTHER_SYSTEMS,
  PURPOSE,
  SCAN_ADVICE,
  TARGETS,
  USAGES,
  WATCH,
} from "./help.ts";

/** The description, in more detail than the help. */
const DESCRIPTION = [
  `${PURPOSE} The check sends a SYN, receives a SYN-ACK, and answers with a RST in place of the last ACK.`,
  "Lines are printed in the order of the targets, each as soon as the lines before it are printed. When 65,536 lines " +
  "wait for a slower target, they are printed before its line. Files and stdin are read as fast as targets can be " +
  "checked.",
  "With -i each target is checked once per round, like ping, and counts as up if it was up in any round. With -n or -a, " +
  "and without -i, checks follow each other without a pause, and one summary of all checks is printed.",
  "With -i, watch, wait and monitor a target has at most one check in flight; -n N makes N checks of each target. With -i " +
  "and wait, a check that takes longer than the interval delays only the next check of its target. With watch and " +
  "monitor the timeout must not exceed the interval; by default it is 1s, or the interval if that is shorter.",
  MONITOR.replaceAll("\n", " "),
  HISTORY.replaceAll("\n", " "),
  FLEET.replaceAll("\n", " "),
  `${WATCH.replaceAll("\n", " ")} A target counts as up if its verdict is up. Each target may be given only once.`,
  "For wait --expect down a target is down if its status is refused, timeout or unreachable, or if its name has no " +
  "address.",
] as const;

/**
 * Formats the man page.
 *
 * @param version The version of the command.
 * @returns The source, for man(7).
 */
export function manPage(version: string): string {
  return [
    `.TH TCP\\-CHECKER 1 "" "tcp\\-shaker ${escaped(version)}" "User Commands"`,
    ".SH NAME",
    "tcp\\-checker \\- check TCP ports without completing the handshake",
    ".SH SYNOPSIS",
    ...[...USAGES.slice(0, -1), ...FLEET_USAGES].flatMap(([usage]) => [`.B tcp\\-checker`, escaped(usage), ".br"])
      .slice(0, -1),
    ".SH DESCRIPTION",
    ...DESCRIPTION.flatMap((text) => [escaped(text), ".PP"]).slice(0, -1),
    ".SH TARGETS",
    ...definitions(TARGETS),
    ".SH OPTIONS",
    ...GROUPS.flatMap((group) => [
      `.SS ${group}`,
      ...flags().filter(([, flag]) => flag.group === group).flatMap(([name, flag]) => optionEntry(name, flag)),
    ]),
    ".SH ENGINES",
    ...definitions(ENGINES),
    ".PP",
    escaped(SCAN_ADVICE.replaceAll("\n", " ")),
    ".PP",
    escaped(OTHER_SYSTEMS.replaceAll("\n", " ")),
    ".SH EXIT STATUS",
    ...definitions(EXIT_TEXTS.map(([status, text]) => [String(status), text])),
    ".PP",
    escaped(EXIT_NOTES.join(" ")),
    ".SH EXAMPLES",
    ...definitions(EXAMPLES.map(({ line, purpose }) => [line, purpose])),
    ".SH SEE ALSO",
    ".BR fping (8),",
    ".BR ping (8)",
    "",
  ].join("\n");
}

function definitions(rows: readonly (readonly [string, string])[]): string[] {
  return rows.flatMap(([term, text]) => [".TP", `.B ${escaped(term)}`, escaped(text)]);
}

function optionEntry(name: FlagName, { short, value, help }: Flag): string[] {
  const names = [...short === undefined ? [] : [`\\fB\\-${short}\\fR`], `\\fB\\-\\-${escaped(name)}\\fR`].join(", ");
  return [".TP", value === undefined ? names : `${names} \\fI${escaped(value.placeholder)}\\fR`, escaped(help)];
}

/** Escapes text for roff: backslashes, hyphens, and a request at the start of the line. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
