/** The table of all options: parser, help, man page and completions read it. */

import { FORMAT_FLAGS, type FormatFlag, FORMATS } from "../reports/formats.ts";
import {
  ADDRESS,
  COUNT,
  EXCLUDED,
  INTERFACE,
  listOf,
  MARK,
  oneOf,
  PORTS,
  RATE,
  RETRIES,
  SEED,
  text,
  THREADS,
  TIME,
  TIME_WITH_UNIT,
  TOS,
  type ValueType,
} from "./values.ts";
import { STATUSES } from "../tally.ts";
import type { Flag } from "./flag.ts";
import { FLEET_FLAGS } from "./fleet_flags.ts";
import { MONITOR_FLAGS } from "./monitor_flags.ts";

const REPEATING_MODES = ["ping", "wait", "watch", "monitor"] as const;

/** All options, by their long names. */
export const FLAGS = {
  "addr": {
    short: "a",
    value: text("TARGET"),
    multiple: true,
    group: "Options for targets",
    help: "a target; without -i, tcp-shaker's summary is printed",
  },
  "file": {
    short: "f",
    value: text("FILE"),
    multiple: true,
    isPath: true,
    group: "Options for targets",
    help: "read targets from a file, one per line, with # comments; - is stdin",
  },
  "ports": { short: "p", value: PORTS, group: "Options for targets", help: "ports for targets given without one" },
  "limit": {
    value: COUNT,
    group: "Options for targets",
    help: "maximum number of targets per network or range (default: 65536)",
  },
  "strict": {
    group: "Options for targets",
    help: "check nothing if a file has a malformed line (default: skip the line)",
  },

  "timeout": {
    short: "t",
    value: TIME,
    group: "Options for checks",
    help: "timeout of each check, name resolution included (default: 1s)",
  },
  "queue-timeout": {
    value: TIME,
    group: "Options for checks",
    help: "end a check that waits longer in local queues (default: no limit)",
  },
  "concurrency": {
    short: "c",
    value: COUNT,
    modes: ["check", "summary", "ping", "scan"],
    group: "Options for checks",
    help: "maximum checks in flight (default: summary 1, else 4096, raw more)",
  },
  "rate": { value: RATE, group: "Options for checks", help: "maximum checks started per second; with raw, SYNs sent" },
  "engine": {
    value: oneOf(["socket", "raw", "auto", "connect"], "ENGINE"),
    group: "Options for checks",
    help: "socket (default), raw, auto or connect, see Engines",
  },
  "fallback": {
    value: oneOf(["error", "connect"], "ACTION"),
    group: "Options for checks",
    help: "without half-open checks: error (default on Linux) or connect",
  },
  "threads": {
    value: THREADS,
    group: "Options for checks",
    help: "engine threads (default: 1); auto is the number of CPU cores minus one",
  },
  "ipv4": { short: "4", group: "Options for checks", help: "use IPv4 only" },
  "ipv6": { short: "6", group: "Options for checks", help: "use IPv6 only" },
  "resolve": {
    value: oneOf(["any", "first", "all"]),
    group: "Options for checks",
    help: "a name's addresses: any that is up (default), the first, or all",
  },
  "no-linger": {
    group: "Options for checks",
    help: "complete the handshake, then close: applications see a connection",
  },
  "source": {
    value: ADDRESS,
    group: "Options for packets",
    help: "source address of all packets, which also determines the family",
  },
  "interface": {
    value: INTERFACE,
    group: "Options for packets",
    help: "network interface of all packets, regardless of routes",
  },
  "mark": {
    value: MARK,
    group: "Options for packets",
    help: "firewall mark of all packets (SO_MARK); needs CAP_NET_ADMIN",
  },
  "tos": { value: TOS, group: "Options for packets", help: "TOS byte, or traffic class, of all packets" },
  "syn-retries": {
    value: RETRIES,
    group: "Options for packets",
    help: "retransmit the SYN at most N times, then report a timeout",
  },
  "open": { modes: ["scan"], group: "Options of scan", help: "print open ports only, same as --only up" },
  "only": {
    value: listOf(STATUSES, "STATUS[,STATUS]"),
    modes: ["scan"],
    group: "Options of scan",
    help: "print results of these statuses only",
  },
  "exclude": {
    value: EXCLUDED,
    multiple: true,
    modes: ["scan"],
    group: "Options of scan",
    help: "send no SYN to these addresses, networks, ranges or names",
  },
  "exclude-file": {
    value: text("FILE"),
    multiple: true,
    isPath: true,
    modes: ["scan"],
    group: "Options of scan",
    help: "send no SYN to the targets of a file, with # comments",
  },
  "seed": {
    value: SEED,
    modes: ["scan"],
    group: "Options of scan",
    help: "seed of the random order; the same seed repeats the order",
  },

  "interval": {
    short: "i",
    value: TIME,
    modes: REPEATING_MODES,
    group: "Options of rounds (-i), wait, watch and monitor",
    help: "time between checks of a target (default: 1s, monitor 2s)",
  },
  "requests": {
    short: "n",
    value: COUNT,
    modes: ["summary", "ping", "watch"],
    group: "Options of rounds (-i), wait, watch and monitor",
    help: "checks per target (default: no end); without -i, the summary is printed",
  },
  "any": { modes: ["wait"], group: "Options of wait", help: "wait for one target instead of all" },
  "expect": {
    value: oneOf(["up", "down"]),
    modes: ["wait"],
    group: "Options of wait",
    help: "the state to wait for (default: up)",
  },
  "deadline": {
    value: TIME_WITH_UNIT,
    modes: ["wait"],
    group: "Options of wait",
    help: "stop waiting after TIME (default: 1m)",
  },
  "sort": {
    value: oneOf(["state", "given", "target", "rtt", "loss", "change"], "KEY"),
    modes: ["watch"],
    group: "Options of watch",
    help: "sort by state (default), given, target, rtt, loss or change",
  },

  ...MONITOR_FLAGS,
  ...FLEET_FLAGS,

  ...formatFlags(),
  "min-up": {
    value: COUNT,
    modes: ["check", "summary", "ping", "watch", "scan"],
    group: "Output",
    help: "exit with 0 if at least N targets are up",
  },
  "verbose": {
    short: "v",
    modes: ["check", "summary", "ping", "scan"],
    group: "Output",
    help: "print the configuration and, with a summary, failed checks to stderr",
  },

  "completions": {
    value: oneOf(["bash", "zsh", "fish"], "SHELL"),
    group: "Other",
    help: "print completions for bash, zsh or fish",
  },
  "help": { short: "h", group: "Other", help: "print the help; after a mode, the help of the mode" },
  "version": { group: "Other", help: "print the version" },
} as const satisfies Record<string, Flag>;

/** The long name of an option. */
export type FlagName = keyof typeof FLAGS;

/** The values of the options that were given. */
export type FlagValues = {
  readonly [Name in FlagName]?: typeof FLAGS[Name] extends { readonly value: ValueType<infer T> }
    ? typeof FLAGS[Name] extends { readonly multiple: true } ? readonly T[] : T
    : true;
};

/** Lists all options, in the order of the help. */
export function flags(): [name: FlagName, flag: Flag][] {
  return Object.entries(FLAGS) as [FlagName, Flag][];
}

/** The options that choose a format. */
function formatFlags(): Record<FormatFlag, Flag> {
  const entries = FORMAT_FLAGS.map((name): [FormatFlag, Flag] => {
    const { short, modes, help } = FORMATS[name];
    return [name, { ...short && { short }, ...modes && { modes }, group: "Output", help }];
  });
  return Object.fromEntries(entries) as Record<FormatFlag, Flag>;
}
