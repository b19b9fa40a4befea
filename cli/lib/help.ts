/** What the command tells about itself. */

import { EXIT_NOTES, EXIT_TEXTS } from "./exit_status.ts";
import { type Flag, type FlagName, flags, type FlagValues, GROUPS } from "./flags.ts";

/** What the command does, in a line. */
export const PURPOSE =
  "Checks whether TCP ports answer, by half a handshake: the applications behind them notice nothing.";

/** What checks can be made by. */
export const ENGINES = [
  ["socket", "half-open, on the system's sockets"],
  ["raw", "half-open, without sockets: needs CAP_NET_RAW; 10,000 SYNs a second, or what --rate says"],
  ["auto", "raw where it can be had, else socket"],
  ["connect", "full connects: applications notice, and --allow-net is needed in place of --allow-ffi"],
] as const satisfies (readonly [NonNullable<FlagValues["engine"]>, string])[];

/** What is asked of those who take the fastest. */
export const NEIGHBOURS =
  "For large networks take scan --engine raw. Scan what is yours, or what you were asked to, at a\n" +
  "rate that all links and routers on the way can bear, from an address whose name tells who you are.";

/** Where it does something else. */
export const ELSEWHERE =
  "Half-open checks need Linux. Elsewhere, unless --fallback or --engine says otherwise, the checks are\n" +
  "full connects, which applications notice and which need --allow-net; all output tells.";

/** The ways to call it, each with what comes of it. */
export const USAGES = [
  ["TARGET ...", "a line for each target"],
  ["-a TARGET -n N -c N", "tcp-shaker's summary of N checks"],
  ["-i TIME [-n N] TARGET ...", "again and again, with statistics at the end"],
  ["wait TARGET ... [-- COMMAND ...]", "until all are up; then COMMAND is run"],
  ["watch TARGET ...", "a live table"],
  ["scan TARGET ...", "once each, in random order"],
  ["monitor TARGET ...", "one verdict a target, and a line for each change"],
] as const;

/** What a target looks like. */
export const TARGETS = [
  ["example.com:80", "a name"],
  ["192.0.2.1:22,80,8000-8100", "many ports"],
  ["198.51.100.0/28:80", "all addresses of a network"],
  ["[2001:db8::1]:443", "an IPv6 address; in brackets, networks too"],
  ["-", "targets from stdin, a line each"],
] as const;

/** Columns of options are aligned across groups. */
const OPTION_WIDTH = Math.max(...flags().map(([name, flag]) => optionText(name, flag).length));

/** The answer to `--help`. */
export const HELP: string = [
  PURPOSE,
  `Usage:\n${columns(USAGES.map(([usage, text]) => [`tcp-checker ${usage}`, text]))}`,
  `Targets:\n${columns(TARGETS)}`,
  ...GROUPS.map((group) => {
    const rows = flags().filter(([, flag]) => flag.group === group).map(([name, flag]) =>
      [optionText(name, flag), flag.help] as const
    );
    return `${group === "Targets" ? "Options for targets" : group}:\n${columns(rows, OPTION_WIDTH)}`;
  }),
  `Engines:\n${columns(ENGINES)}`,
  NEIGHBOURS,
  ELSEWHERE,
  `Exit status:\n${columns(EXIT_TEXTS.map(([status, text]) => [String(status).padEnd(3), text]))}${
    EXIT_NOTES.map((line) => `\n  ${line}`).join("")
  }`,
].join("\n\n");

/**
 * How an option is written.
 *
 * @param name Its long name.
 * @param flag The option.
 * @returns `"-t, --timeout TIME"`.
 */
export function optionText(name: FlagName, { short, value }: Flag): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${
    value === undefined ? "" : ` ${value.placeholder}`
  }`;
}

function columns(rows: readonly (readonly [string, string])[], width = 0): string {
  width = rows.reduce((width, [first]) => Math.max(width, first.length), width);
  return rows.map(([first, text]) => `  ${first.padEnd(width)}  ${text}`).join("\n");
}
