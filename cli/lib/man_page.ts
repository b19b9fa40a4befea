/** The man page, from the same tables as the help. */

import { EXIT_NOTES, EXIT_TEXTS } from "./exit_status.ts";
import { type Flag, type FlagName, flags, GROUPS } from "./flags.ts";
import { ELSEWHERE, ENGINES, NEIGHBOURS, PURPOSE, TARGETS, USAGES } from "./help.ts";

/** What the help has no room for. */
const DESCRIPTION = [
  `${PURPOSE} A SYN is sent, a SYN-ACK comes, a RST is sent, and never the last ACK.`,
  "Lines come in the order of the targets, each as soon as those before it are printed; a target that is slower than " +
  "the 65,536 after it loses its place. Files and stdin are read as fast as targets can be checked.",
  "With -i each target is checked once a round, as ping does: a target counts as up if it was up in any round. With -n " +
  "or -a, and without -i, checks follow each other without a pause, and there is one summary of all.",
  "With -i, watch and wait a target has at most one check under way. A check that takes longer than the interval delays " +
  "the next check of its target, and of no other; -n N is N checks of each target all the same.",
  "A target waited for with --expect down is down when it refuses, is silent or unreachable, or when its name is gone.",
] as const;

/**
 * Writes the man page.
 *
 * @param version The version of the command.
 * @returns The source, for man(7).
 */
export function manPage(version: string): string {
  return [
    `.TH TCP\\-CHECKER 1 "" "tcp\\-shaker ${escaped(version)}" "User Commands"`,
    ".SH NAME",
    "tcp\\-checker \\- check TCP ports by half a handshake",
    ".SH SYNOPSIS",
    ...USAGES.flatMap(([usage]) => [`.B tcp\\-checker`, escaped(usage), ".br"]).slice(0, -1),
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
    escaped(NEIGHBOURS.replaceAll("\n", " ")),
    ".PP",
    escaped(ELSEWHERE.replaceAll("\n", " ")),
    ".SH EXIT STATUS",
    ...definitions(EXIT_TEXTS.map(([status, text]) => [String(status), text])),
    ".PP",
    escaped(EXIT_NOTES.join(" ")),
    ".SH EXAMPLES",
    ...definitions(EXAMPLES),
    ".SH SEE ALSO",
    ".BR fping (8),",
    ".BR ping (8)",
    "",
  ].join("\n");
}

const EXAMPLES = [
  ["tcp-checker wait --deadline 2m db:5432 cache:6379 -- ./server", "starts a server when what it needs is up"],
  ["tcp-checker -i 1s -n 10 example.com:443", "ten checks, a second apart, and their statistics"],
  ["tcp-checker scan --engine raw --rate 2000 -p 443 --csv 198.51.100.0/24", "who has HTTPS in a network of ours"],
  ["tcp-checker scan --rate 1000 --json 198.51.100.0/24:1-1024 --limit 262144", "a slow look at a network"],
] as const;

function definitions(rows: readonly (readonly [string, string])[]): string[] {
  return rows.flatMap(([term, text]) => [".TP", `.B ${escaped(term)}`, escaped(text)]);
}

function optionEntry(name: FlagName, { short, value, help }: Flag): string[] {
  const names = [...short === undefined ? [] : [`\\fB\\-${short}\\fR`], `\\fB\\-\\-${escaped(name)}\\fR`].join(", ");
  return [".TP", value === undefined ? names : `${names} \\fI${escaped(value.placeholder)}\\fR`, escaped(help)];
}

/** What roff would take for something else: escapes, hyphens, and requests at the start of a line. */
function escaped(text: string): string {
  return text.replaceAll("\\", "\\e").replaceAll("-", "\\-").replace(/^[.']/, "\\&$&");
}
