/** The help texts of the command and of its modes. */

import { EXIT_NOTES, EXIT_TEXTS } from "../exit_status.ts";
import { type Example, EXAMPLES, FIRST_EXAMPLES } from "./examples.ts";
import { type Flag, type Group, GROUPS, worksWith } from "./flag.ts";
import { type FlagName, flags, type FlagValues } from "./flags.ts";
import { FLEET_USAGES } from "./fleet_actions.ts";
import { NAMED_MODES, type NamedMode } from "../mode.ts";
import { type Paint, PLAIN } from "../terminal/paint.ts";

/** A row of two columns. */
type Row = readonly [first: string, text: string];

/** The purpose of the command, in one line. */
export const PURPOSE =
  "Checks whether TCP ports are open, without completing the handshake: applications see no connection.";

/** The engines. */
export const ENGINES = [
  ["socket", "half-open checks by the kernel's sockets"],
  ["raw", "half-open checks by raw packets: needs CAP_NET_RAW; sends 10,000 SYNs per second, or --rate"],
  ["auto", "raw if permitted, else socket"],
  ["connect", "full connects: applications see a connection; needs --allow-net instead of --allow-ffi"],
] as const satisfies (readonly [NonNullable<FlagValues["engine"]>, string])[];

/** Advice for scans. */
export const SCAN_ADVICE =
  "For large networks use scan --engine raw. Scan only networks that you own or may scan, at a rate that\n" +
  "all links and routers on the path can carry, from an address whose name identifies you.";

/** Behaviour on other systems. */
export const OTHER_SYSTEMS =
  "Half-open checks need Linux. On other systems the checks are full connects, unless --fallback or\n" +
  "--engine is given: applications see a connection, Deno needs --allow-net, and all output marks them.";

/** The screen of watch, and its keys. */
export const WATCH =
  "watch shows the verdicts of monitor, targets that are not up first, with one mark per check. Arrows,\n" +
  "PgUp, PgDn, Home and End scroll; / filters by target, state or last result, Esc clears the filter,\n" +
  "and q quits.\n" +
  "Without a terminal, watch prints a line for each change of a target's status.";

/** Output and end of monitor. */
export const MONITOR =
  "monitor prints a line for each change of a target's verdict, and statistics to stderr on SIGUSR2 and\n" +
  "at the end. SIGINT or SIGTERM ends it with exit status 0.";

/** Output of history. */
export const HISTORY =
  "history prints the outages of all targets, or of the targets with these ids: start, end, length, and\n" +
  "the result of the check that caused the outage. With --uptime it prints up / (up + down) per target\n" +
  "and month, and known, the share of the month that was up or down. A running monitor may keep writing.";

/** Purpose of fleet, and the files of its actions. */
export const FLEET =
  "fleet manages agents that share one target list through NATS servers. apply reads a configuration of\n" +
  "monitor (.yml, .yaml or .json), or a text file with one target per line.";

/** Purpose of hub. */
const HUB = "hub combines the reports of all agents into one verdict per target, prints each change, serves states\n" +
  "and metrics at --listen, and notifies through the sinks of --config FILE, which has no targets.\n" +
  "--database stores a history. If several hubs run, one notifies; if it fails, another takes over within\n" +
  "10 s.";

/** The forms of the command line. */
export const USAGES = [
  ["TARGET ...", "check each target once, one line each"],
  ["-a TARGET -n N -c N", "make N checks, and print tcp-shaker's summary"],
  ["-i TIME [-n N] TARGET ...", "check repeatedly like ping, with statistics at the end"],
  ["wait TARGET ... [-- COMMAND ...]", "wait until all targets are up, then run COMMAND"],
  ["watch TARGET ...", "show verdicts live on a full screen"],
  ["scan TARGET ...", "check each target once, in random order"],
  ["monitor TARGET ...", "monitor targets, and print each change of a verdict"],
  ["history --database FILE [ID ...]", "print outages, or uptime per month with --uptime"],
  ["hub --fleet URL ...", "compute and serve the verdicts of a fleet, and notify"],
  ["fleet ACTION ...", "manage a fleet of monitoring agents"],
] as const;

/** The forms of a target. */
export const TARGETS = [
  ["example.com:80", "a name"],
  ["192.0.2.1:22,80,8000-8100", "several ports"],
  ["198.51.100.0/28:80", "all addresses of a network"],
  ["[2001:db8::1]:443", "an IPv6 address; an IPv6 network is in brackets too"],
  ["-", "targets from stdin, one per line"],
] as const;

/** Descriptions of the modes, for their own help. */
const ABOUT = {
  wait: "Checks targets until all are up, or down with --expect down, and then runs COMMAND, if there is one.\n" +
    "COMMAND gets the terminal and the signals, and its exit status is returned.",
  watch: WATCH,
  scan: "Checks each target once, in random order, and prints each result when it arrives. A summary follows\n" +
    `on stderr, or as a JSON object with --json. Exclusions apply to all ports. If an excluded name has no\n` +
    `address, or an exclusion file has a malformed line, nothing is sent.\n\n${SCAN_ADVICE}`,
  monitor: MONITOR,
  history: HISTORY,
  hub: HUB,
  fleet: FLEET,
} as const satisfies Record<NamedMode, string>;

/**
 * Writes the help.
 *
 * @param topic The mode; absent for the help of the whole command.
 * @param paint The styles.
 * @returns The help, without the last line end.
 */
export function helpText(topic?: NamedMode, paint: Paint = PLAIN): string {
  const page = new Page(paint);
  return topic === undefined ? commandHelp(page) : modeHelp(topic, page);
}

/** Formats the sections of a help page. */
class Page {
  readonly #paint: Paint;

  constructor(paint: Paint) {
    this.#paint = paint;
  }

  /** Formats a section of rows with two columns. The first column is literal text. */
  section(title: string, rows: readonly Row[], width = 0): string {
    return `${this.#paint.heading(`${title}:`)}\n${this.#columns(rows, width)}`;
  }

  /** Formats a section of examples, with the purpose below each line, because the lines are long. */
  examples(examples: readonly Example[]): string {
    const texts = examples.map(({ line, purpose }) => `  ${this.#paint.literal(line)}\n      ${purpose}`);
    return `${this.#paint.heading("Examples:")}\n${texts.join("\n")}`;
  }

  /** Formats the sections of options, one per group that is not empty. */
  options(groups: readonly Group[], isIncluded: (flag: Flag) => boolean): string[] {
    const width = Math.max(...flags().map(([name, flag]) => optionText(name, flag).length));
    return groups.flatMap((group) => {
      const rows = flags().filter(([, flag]) => flag.group === group && isIncluded(flag))
        .map(([name, flag]): Row => [optionText(name, flag), flag.help]);
      return rows.length === 0 ? [] : [this.section(group, rows, width)];
    });
  }

  exitStatus(): string {
    const rows = EXIT_TEXTS.map(([status, text]): Row => [String(status).padEnd(3), text]);
    return `${this.section("Exit status", rows)}${EXIT_NOTES.map((line) => `\n  ${line}`).join("")}`;
  }

  #columns(rows: readonly Row[], width: number): string {
    width = rows.reduce((width, [first]) => Math.max(width, first.length), width);
    return rows.map(([first, text]) => `  ${this.#paint.literal(first)}${" ".repeat(width - first.length)}  ${text}`)
      .join("\n");
  }
}

function commandHelp(page: Page): string {
  return [
    PURPOSE,
    page.examples(FIRST_EXAMPLES),
    `${page.section("Usage", USAGES.map(([usage, text]) => [`tcp-checker ${usage}`, text]))}

  tcp-checker MODE --help prints the help of wait, watch, scan, monitor, history, hub or fleet alone.`,
    page.section("Targets", TARGETS),
    ...page.options(GROUPS, () => true),
    page.section("Engines", ENGINES),
    MONITOR,
    HISTORY,
    FLEET,
    WATCH,
    SCAN_ADVICE,
    OTHER_SYSTEMS,
    page.exitStatus(),
  ].join("\n\n");
}

function modeHelp(mode: NamedMode, page: Page): string {
  const usages = mode === "fleet" ? FLEET_USAGES : USAGES.filter(([usage]) => usage.startsWith(`${mode} `));
  const isIncluded = (flag: Flag) => worksWith(flag, mode);
  const own = GROUPS.filter((group) => group.startsWith("Options of"));
  return [
    ABOUT[mode],
    page.section("Usage", usages.map(([usage, text]) => [`tcp-checker ${usage}`, text])),
    page.examples(EXAMPLES.filter((example) => example.mode === mode)),
    ...page.options(own, isIncluded),
    ...page.options(GROUPS.filter((group) => !own.includes(group)), isIncluded),
    page.exitStatus(),
    "tcp-checker --help explains the forms of targets, and the engines.",
  ].join("\n\n");
}

/** Formats the help of the command and of all modes as Markdown. */
export function helpPage(): string {
  const topics = [undefined, ...Object.keys(NAMED_MODES) as NamedMode[]];
  const pages = topics.map((topic) => {
    const line = ["tcp-checker", ...topic === undefined ? [] : [topic], "--help"].join(" ");
    return `${topic === undefined ? "#" : "##"} ${line}\n\n\`\`\`text\n${helpText(topic)}\n\`\`\`\n`;
  });
  return pages.join("\n").replace("\n\n", "\n\nWritten by `deno task docs` from the table of options.\n\n");
}

/**
 * Formats an option.
 *
 * @param name Its long name.
 * @param flag The option.
 * @returns `"-t, --timeout TIME"`.
 */
function optionText(name: FlagName, { short, value }: Flag): string {
  return `${short === undefined ? "    " : `-${short}, `}--${name}${
    value === undefined ? "" : ` ${value.placeholder}`
  }`;
}
