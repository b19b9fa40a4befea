/** The help. */

import { EXIT_NOTES, EXIT_TEXTS } from "./exit_status.ts";
import { type Flag, type FlagName, flags, type FlagValues, GROUPS } from "./flags.ts";

/** The purpose of the command, in one line. */
export const PURPOSE =
  "Checks whether TCP ports are open, without completing the handshake: applications see no connection.";

/** The engines. */
export const ENGINES = [
  ["socket", "half-open checks by the kernel's sockets"],
  ["raw", "half-open checks by raw packets: needs CAP_NET_RAW; sends 10,000 SYNs per second, or --rate"],
  ["auto", "raw if it is permitted, else socket"],
  ["connect", "full connects: applications see a connection; needs --allow-net instead of --allow-ffi"],
] as const satisfies (readonly [NonNullable<FlagValues["engine"]>, string])[];

/** Advice for scans. */
export const SCAN_ADVICE =
  "For large networks use scan --engine raw. Scan only networks that you own or may scan, at a rate that\n" +
  "all links and routers on the path can carry, from an address whose name identifies you.";

/** What the command does on other systems. */
export const OTHER_SYSTEMS =
  "Half-open checks need Linux. On other systems, unless --fallback or --engine is given, the checks are\n" +
  "full connects: applications see a connection, Deno needs --allow-net, and all output marks them.";

/** What the screen of watch shows, and its keys. */
export const WATCH =
  "watch shows the verdicts of monitor, what is not up first, with one mark per check. Arrows, PgUp,\n" +
  "PgDn, Home and End scroll; / filters by target, state or last result, and Esc ends that; q leaves.\n" +
  "Without a terminal watch prints a line for each change of a target's status.";

/** What monitor prints, and how it ends. */
export const MONITOR =
  "monitor prints a line for each change of a target's verdict, until SIGINT or SIGTERM; it then\n" +
  "returns 0. It prints statistics to stderr at the end, and at SIGUSR1.";

/** The forms of the command line. */
export const USAGES = [
  ["TARGET ...", "check each target once, one line each"],
  ["-a TARGET -n N -c N", "make N checks, and print tcp-shaker's summary"],
  ["-i TIME [-n N] TARGET ...", "check in rounds, with statistics at the end, as ping"],
  ["wait TARGET ... [-- COMMAND ...]", "wait until all targets are up, then run COMMAND"],
  ["watch TARGET ...", "show the verdicts on a full screen, live"],
  ["scan TARGET ...", "check each target once, in random order"],
  ["monitor TARGET ...", "keep one verdict per target, and print each change"],
] as const;

/** The forms of a target. */
export const TARGETS = [
  ["example.com:80", "a name"],
  ["192.0.2.1:22,80,8000-8100", "several ports"],
  ["198.51.100.0/28:80", "all addresses of a network"],
  ["[2001:db8::1]:443", "an IPv6 address; an IPv6 network is in brackets too"],
  ["-", "targets from stdin, one per line"],
] as const;

/** The options of all groups have the same width. */
const OPTION_WIDTH = Math.max(...flags().map(([name, flag]) => optionText(name, flag).length));

/** The text of `--help`. */
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
  MONITOR,
  WATCH,
  SCAN_ADVICE,
  OTHER_SYSTEMS,
  `Exit status:\n${columns(EXIT_TEXTS.map(([status, text]) => [String(status).padEnd(3), text]))}${
    EXIT_NOTES.map((line) => `\n  ${line}`).join("")
  }`,
].join("\n\n");

/**
 * Makes the help as a page in Markdown.
 *
 * @returns The page.
 */
export function helpPage(): string {
  return `# tcp-checker --help\n\nWritten by \`deno task docs\` from the table of options.\n\n\`\`\`text\n${HELP}\n\`\`\`\n`;
}

/**
 * Formats an option.
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
