/** The table of all options: parser, help, man page and completions read it. */

import { FORMAT_FLAGS, type FormatFlag, FORMATS } from "../reports/formats.ts";
import { type Mode, MODES_WITHOUT_TARGETS } from "../mode.ts";
import {
  ADDRESS,
  COUNT,
  EXCLUDED,
  INSTANT,
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

/** An option. */
export interface Flag {
  /** Its one-letter form. */
  readonly short?: string;
  /** The type of its value; absent if it takes none. */
  readonly value?: ValueType<unknown>;
  /** Whether it may be repeated. */
  readonly multiple?: true;
  /** Whether its value is a path, for completions. */
  readonly isPath?: true;
  /** The modes it works with; all if absent. */
  readonly modes?: readonly Mode[];
  readonly group: Group;
  readonly help: string;
}

/** Groups of options, in the order of the help. */
export const GROUPS = [
  "Options for targets",
  "Options for checks",
  "Options for packets",
  "Options of rounds (-i), wait, watch and monitor",
  "Options of wait",
  "Options of watch",
  "Options of watch and monitor",
  "Options of monitor",
  "Options of monitor and hub",
  "Options of monitor, hub and history",
  "Options of history",
  "Options of fleets",
  "Options of monitor in a fleet",
  "Options of hub",
  "Options of fleet",
  "Options of scan",
  "Output",
  "Other",
] as const;

/** A group of options. */
export type Group = typeof GROUPS[number];

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

  "rise": {
    value: COUNT,
    modes: ["watch", "monitor"],
    group: "Options of watch and monitor",
    help: "successes in a row that make a target up (default: 2)",
  },
  "fall": {
    value: COUNT,
    modes: ["watch", "monitor"],
    group: "Options of watch and monitor",
    help: "failures in a row that make a target down (default: 3)",
  },
  "fast-interval": {
    value: TIME,
    modes: ["watch", "monitor"],
    group: "Options of watch and monitor",
    help: "interval while a change of state is pending (default: --interval)",
  },
  "down-interval": {
    value: TIME,
    modes: ["watch", "monitor"],
    group: "Options of watch and monitor",
    help: "interval while a target is down (default: --interval)",
  },
  "exec": {
    value: text("PROGRAM"),
    isPath: true,
    modes: ["monitor"],
    group: "Options of monitor",
    help: "run PROGRAM for each change, with the event on its stdin",
  },
  "config": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor", "hub"],
    group: "Options of monitor and hub",
    help: "read targets, options and sinks from a YAML file; SIGHUP reads it again",
  },
  "listen": {
    value: text("ADDRESS"),
    modes: ["monitor", "hub"],
    group: "Options of monitor and hub",
    help: "serve metrics, health and probes at ADDRESS, such as 127.0.0.1:9116",
  },
  "database": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor", "hub", "history"],
    group: "Options of monitor, hub and history",
    help: "store the history in FILE (SQLite); a restart restores its states",
  },
  "from": {
    value: INSTANT,
    modes: ["history"],
    group: "Options of history",
    help: "start of the report (default: start of the history)",
  },
  "to": {
    value: INSTANT,
    modes: ["history"],
    group: "Options of history",
    help: "end of the report (default: end of the history)",
  },
  "uptime": {
    modes: ["history"],
    group: "Options of history",
    help: "print uptime per month (UTC) instead of outages",
  },
  "check-config": {
    modes: ["monitor", "hub"],
    group: "Options of monitor and hub",
    help: "read the file of --config, print its problems, and exit",
  },
  "fleet": {
    value: text("URL"),
    multiple: true,
    modes: ["monitor", "fleet", "hub"],
    group: "Options of fleets",
    help: "a NATS server: nats://HOST:PORT, tls://, ws:// or wss://",
  },
  "agent": {
    value: text("NAME"),
    modes: ["monitor"],
    group: "Options of monitor in a fleet",
    help: "unique name of this agent",
  },
  "zone": {
    value: text("NAME"),
    modes: ["monitor"],
    group: "Options of monitor in a fleet",
    help: "location of this agent; witnesses of a target are from different zones",
  },
  "outbox": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor"],
    group: "Options of monitor in a fleet",
    help: "keep unsent messages and the target list in FILE (default: memory)",
  },
  "lease": {
    value: TIME,
    modes: ["monitor", "hub"],
    group: "Options of fleets",
    help: "this process is absent without a renewal within TIME (default: 10s)",
  },
  "seed-file": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor", "fleet", "hub"],
    group: "Options of fleets",
    help: "secret key (seed of an nkey), written by fleet nats-config",
  },
  "ca": {
    value: text("FILE"),
    isPath: true,
    modes: ["monitor", "fleet", "hub"],
    group: "Options of fleets",
    help: "trust only the CA certificates in FILE (PEM), for tls://",
  },

  "hub": {
    value: text("NAME"),
    modes: ["hub"],
    group: "Options of hub",
    help: "unique name of this hub (default: hub)",
  },
  "dry-run": { modes: ["fleet"], group: "Options of fleet", help: "apply: show the difference, and change nothing" },
  "allow-empty": {
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: accept a list without targets, which removes all targets",
  },
  "yes": { short: "y", modes: ["fleet"], group: "Options of fleet", help: "apply: do not ask for confirmation" },
  "witnesses": {
    value: COUNT,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: agents per target, from different zones (default: 3)",
  },
  "agree": {
    value: COUNT,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: votes for down, or all if there are fewer (default: majority)",
  },
  "quorum": {
    value: COUNT,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: votes that a verdict needs (default: 2; with one witness 1)",
  },
  "copies": {
    value: COUNT,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "apply: stream replicas, 3 in a cluster (default: 1 or unchanged)",
  },
  "agents": {
    value: text("FILE"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: read the agents' names, one per line",
  },
  "hub-name": {
    value: text("NAME"),
    multiple: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: name of a hub; may be repeated (default: hub)",
  },
  "output": {
    value: text("DIR"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: directory for nats.conf and the keys (default: .)",
  },
  "nats-listen": {
    value: text("ADDRESS"),
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: listen address of the server (default: 127.0.0.1:4222)",
  },
  "storage": {
    value: text("DIR"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: storage directory (default: /var/lib/nats)",
  },
  "tls-cert": {
    value: text("FILE"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: certificate of the server, a path on its host",
  },
  "tls-key": {
    value: text("FILE"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: private key of the certificate",
  },
  "server-name": {
    value: text("NAME"),
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: name of this server in its cluster; writes NAME.conf",
  },
  "cluster": {
    value: text("ADDRESS"),
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: listen address for the other servers of the cluster",
  },
  "route": {
    value: text("ADDRESS"),
    multiple: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: --cluster address of a server; give one per server",
  },
  "tls-ca": {
    value: text("FILE"),
    isPath: true,
    modes: ["fleet"],
    group: "Options of fleet",
    help: "nats-config: CA of the cluster's certificates",
  },

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

/** Whether an option works with a mode. */
export function worksWith({ modes, group }: Flag, mode: Mode): boolean {
  return modes?.includes(mode) ?? (group === "Other" || !MODES_WITHOUT_TARGETS.includes(mode));
}

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
