/** The table of all options and modes: arguments are parsed, and help, man page and completions written, by it. */

import {
  ADDRESS,
  COUNT,
  INTERFACE,
  MARK,
  oneOf,
  PORTS,
  RATE,
  RETRIES,
  SEED,
  text,
  TIME,
  TOS,
  type Value,
} from "./values.ts";

/** What is done with the targets. */
export type Mode = "check" | "summary" | "ping" | "wait" | "watch" | "scan" | "monitor";

/** Modes with a name that is the first argument; the others follow from the options. */
export const NAMED_MODES = {
  wait: "until all targets are up, then run COMMAND",
  watch: "a live table, redrawn after each round",
  scan: "once each, in random order",
  monitor: "one verdict a target, and a line for each change",
} as const satisfies Partial<Record<Mode, string>>;

/** An option. */
export interface Flag {
  /** Its one letter. */
  readonly short?: string;
  /** What it takes; nothing if absent. */
  readonly value?: Value<unknown>;
  /** Whether it may be given several times. */
  readonly multiple?: true;
  /** Whether what it takes is a path. */
  readonly isPath?: true;
  /** The modes that it is for; all if absent. */
  readonly modes?: readonly Mode[];
  readonly group: Group;
  /** What the help says of it. */
  readonly help: string;
}

/** Headings of the help, in its order. */
export const GROUPS = ["Targets", "Checks", "Again and again", "Monitor", "Output", "Other"] as const;

/** One of the headings. */
export type Group = typeof GROUPS[number];

const REPEATING = ["ping", "wait", "watch", "monitor"] as const;

/** All options, by their long names. */
export const FLAGS = {
  "addr": {
    short: "a",
    value: text("TARGET"),
    multiple: true,
    group: "Targets",
    help: "a target; without -i it gives tcp-shaker's summary",
  },
  "file": {
    short: "f",
    value: text("FILE"),
    multiple: true,
    isPath: true,
    group: "Targets",
    help: "targets from a file, a line each, with # comments; - is stdin",
  },
  "ports": { short: "p", value: PORTS, group: "Targets", help: "the ports of targets that come without" },
  "limit": {
    value: COUNT,
    group: "Targets",
    help: "how many targets a network or range may stand for (default: 65536)",
  },
  "strict": { group: "Targets", help: "check nothing if a line of a file is malformed; else it is skipped" },

  "timeout": {
    short: "t",
    value: TIME,
    group: "Checks",
    help: "time for each check, name resolution included (default: 1s)",
  },
  "concurrency": {
    short: "c",
    value: COUNT,
    modes: ["check", "summary", "ping", "watch", "scan"],
    group: "Checks",
    help: "checks at once (default: 1 for the summary, else up to 4096; raw: more)",
  },
  "rate": {
    value: RATE,
    group: "Checks",
    help: "start no more than N checks a second; with raw, send no more SYNs",
  },
  "engine": {
    value: oneOf(["socket", "raw", "auto", "connect"], "ENGINE"),
    group: "Checks",
    help: "how checks are made: socket (default), raw, auto or connect",
  },
  "fallback": {
    value: oneOf(["error", "connect"], "ACTION"),
    group: "Checks",
    help: "without half-open checks: error (default on Linux) or connect",
  },
  "ipv4": { short: "4", group: "Checks", help: "only IPv4" },
  "ipv6": { short: "6", group: "Checks", help: "only IPv6" },
  "resolve": {
    value: oneOf(["any", "first", "all"]),
    group: "Checks",
    help: "of a name's addresses: any that is up (default), the first, or each",
  },
  "no-linger": { group: "Checks", help: "complete the handshake, and close it: the application notices" },
  "source": { value: ADDRESS, group: "Checks", help: "check from an address of this system, and its family only" },
  "interface": { value: INTERFACE, group: "Checks", help: "check by an interface, whatever the routes say" },
  "mark": { value: MARK, group: "Checks", help: "mark packets for routing rules and firewalls; needs CAP_NET_ADMIN" },
  "tos": { value: TOS, group: "Checks", help: "the TOS byte, or traffic class, of all packets" },
  "syn-retries": { value: RETRIES, group: "Checks", help: "send no SYN again more than N times; then it is a timeout" },
  "seed": { value: SEED, modes: ["scan"], group: "Checks", help: "the same seed gives the same order" },

  "interval": {
    short: "i",
    value: TIME,
    modes: REPEATING,
    group: "Again and again",
    help: "a check each TIME (default: 1s, monitor 2s); alone, as ping does",
  },
  "requests": {
    short: "n",
    value: COUNT,
    modes: ["summary", "ping", "watch"],
    group: "Again and again",
    help: "checks of each target (default: no end); alone it gives the summary",
  },
  "any": { modes: ["wait"], group: "Again and again", help: "one target is enough" },
  "expect": {
    value: oneOf(["up", "down"]),
    modes: ["wait"],
    group: "Again and again",
    help: "what to wait for (default: up)",
  },
  "deadline": {
    value: TIME,
    modes: ["wait"],
    group: "Again and again",
    help: "give up after that (default: 1m)",
  },
  "sort": {
    value: oneOf(["given", "target", "state", "rtt", "loss", "change"], "KEY"),
    modes: ["watch"],
    group: "Again and again",
    help: "order of the table: given (default), target, state, rtt, loss or change",
  },

  "rise": {
    value: COUNT,
    modes: ["monitor"],
    group: "Monitor",
    help: "checks in a row that must pass to be up (default: 2)",
  },
  "fall": {
    value: COUNT,
    modes: ["monitor"],
    group: "Monitor",
    help: "checks in a row that must fail to be down (default: 3)",
  },
  "fast-interval": {
    value: TIME,
    modes: ["monitor"],
    group: "Monitor",
    help: "the interval while a target is turning (default: --interval)",
  },
  "down-interval": {
    value: TIME,
    modes: ["monitor"],
    group: "Monitor",
    help: "the interval while it is down (default: --interval)",
  },
  "exec": {
    value: text("PROGRAM"),
    isPath: true,
    modes: ["monitor"],
    group: "Monitor",
    help: "run it for each change, with the event on its stdin",
  },

  "json": { group: "Output", help: "an object a line, see docs/json.md" },
  "csv": { modes: ["check", "ping", "wait", "watch", "scan"], group: "Output", help: "a row a result, after a header" },
  "nagios": { modes: ["check"], group: "Output", help: "a monitoring plugin's line, and its exit status" },
  "quiet": { short: "q", group: "Output", help: "only the exit status" },
  "explain": { modes: ["check"], group: "Output", help: "what was sent and seen, for one target" },
  "min-up": {
    value: COUNT,
    modes: ["check", "summary", "ping", "watch", "scan"],
    group: "Output",
    help: "N that are up are enough for status 0",
  },
  "verbose": {
    short: "v",
    modes: ["check", "summary", "ping", "scan"],
    group: "Output",
    help: "the configuration, and failed checks of the summary, on stderr",
  },

  "completions": {
    value: oneOf(["bash", "zsh", "fish"], "SHELL"),
    group: "Other",
    help: "print completions for bash, zsh or fish",
  },
  "help": { short: "h", group: "Other", help: "print this" },
  "version": { group: "Other", help: "print the version" },
} as const satisfies Record<string, Flag>;

/** The long name of an option. */
export type FlagName = keyof typeof FLAGS;

/** What was given for the options. */
export type FlagValues = {
  readonly [Name in FlagName]?: typeof FLAGS[Name] extends { readonly value: Value<infer T> }
    ? typeof FLAGS[Name] extends { readonly multiple: true } ? readonly T[] : T
    : true;
};

/** All options, as a list. */
export function flags(): [name: FlagName, flag: Flag][] {
  return Object.entries(FLAGS) as [FlagName, Flag][];
}
