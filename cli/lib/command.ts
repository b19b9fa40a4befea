/** From arguments to what is to be done. */

import type { CheckAllOptions, CheckerOptions } from "@tcp-shaker/tcp-shaker";
import type { MonitorOptions } from "@tcp-shaker/monitor";
import { type Arguments, flagText, readArguments } from "./arguments.ts";
import { checkerOptions } from "./checker_options.ts";
import { type Flag, type FlagName, FLAGS, type FlagValues, type Mode } from "./flags.ts";
import type { TargetSources } from "./targets/targets.ts";
import { MAX_TARGETS } from "./targets/target_set.ts";
import { UsageError } from "./usage_error.ts";

/** How results are printed. */
export type Format = "text" | "json" | "csv" | "nagios" | "quiet" | "explain";

/** What to check, how, and what to print. */
export interface Command {
  readonly mode: Mode;
  readonly sources: TargetSources;
  /** How each check is made. */
  readonly options: CheckAllOptions & { readonly timeout: number };
  /** What makes the checks, and what is asked of all their packets. */
  readonly checker: CheckerOptions;
  readonly format: Format;
  /** How often each target is checked; `Infinity` if there is no end. */
  readonly rounds: number;
  /** From the start of one round to that of the next, in ms. */
  readonly interval: number;
  readonly minUp: number | undefined;
  readonly verbose: boolean;
  readonly seed: number;
  readonly sort: NonNullable<FlagValues["sort"]>;
  readonly wait: WaitOptions;
  readonly monitor: {
    /** Thresholds and intervals. */
    readonly options: MonitorOptions;
    /** The program that is run for each change. */
    readonly exec: string | undefined;
  };
}

/** What to wait for, and what then. */
export interface WaitOptions {
  readonly expect: "up" | "down";
  readonly any: boolean;
  /** In ms. */
  readonly deadline: number;
  /** What to run then: a program and its arguments. */
  readonly command: readonly string[];
}

/** Something to print, in place of checks. */
export type Question = "help" | "version" | { readonly completions: NonNullable<FlagValues["completions"]> };

const FORMATS = ["json", "csv", "nagios", "quiet", "explain"] as const satisfies (Format & FlagName)[];
/** Other names of stdin: as files Deno opens them only for those who may read all there is. */
const STDIN = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
const DEFAULT_LIMIT = 65536;

/**
 * Reads all arguments but the targets, which are still to be read.
 *
 * @param args The arguments.
 * @returns What is to be done.
 * @throws {UsageError} If they make no sense.
 */
export function parseCommand(args: readonly string[]): Command | Question {
  const given = readArguments(args);
  const { values } = given;
  if (values.help) return "help";
  if (values.version) return "version";
  if (values.completions !== undefined) return { completions: values.completions };
  const mode = chooseMode(given);
  for (const name of Object.keys(values) as FlagName[]) assertIsFor(name, mode);
  const format = chooseFormat(values);
  return {
    mode,
    sources: sourcesOf(given, mode),
    options: checkOptions(values, mode, format),
    checker: checkerOptions(values),
    format,
    rounds: values.requests ?? (mode === "ping" || mode === "watch" ? Infinity : 1),
    interval: values.interval ?? 1000,
    // Of all the addresses that are explained one is enough, as it is for the check of a name.
    minUp: values["min-up"] ?? (format === "explain" && values.resolve === undefined ? 1 : undefined),
    verbose: values.verbose ?? false,
    seed: values.seed ?? Math.floor(Math.random() * 2 ** 32),
    sort: values.sort ?? "given",
    wait: {
      expect: values.expect ?? "up",
      any: values.any ?? false,
      deadline: values.deadline ?? 60_000,
      command: mode === "wait" ? given.rest ?? [] : [],
    },
    monitor: {
      options: {
        rise: values.rise,
        fall: values.fall,
        interval: values.interval,
        fastInterval: values["fast-interval"],
        downInterval: values["down-interval"],
        timeout: values.timeout,
      },
      exec: values.exec,
    },
  };
}

function chooseMode({ mode, values }: Arguments): Mode {
  if (mode !== undefined) return mode;
  if (values.interval !== undefined) return "ping";
  return values.addr !== undefined || values.requests !== undefined ? "summary" : "check";
}

function assertIsFor(name: FlagName, mode: Mode): void {
  const flag: Flag = FLAGS[name];
  if (flag.modes === undefined || flag.modes.includes(mode)) return;
  const others = flag.modes.map((mode) => MODE_TEXTS[mode]).join(", ").replace(/, (?=[^,]*$)/, " and ");
  throw new UsageError(`Cannot use ${flagText(name, flag)} with ${MODE_TEXTS[mode]}: it is for ${others}`);
}

/** How messages call the modes. */
const MODE_TEXTS: Record<Mode, string> = {
  check: "a check of each target",
  summary: "the summary (-a, -n)",
  ping: "rounds (-i)",
  wait: "wait",
  watch: "watch",
  scan: "scan",
  monitor: "monitor",
};

function chooseFormat(values: FlagValues): Format {
  const [format = "text", other] = FORMATS.filter((name) => values[name]);
  if (other !== undefined) throw new UsageError(`Cannot use --${format} with --${other}: choose one`);
  return format;
}

function sourcesOf({ values, positionals, rest = [] }: Arguments, mode: Mode): TargetSources {
  const targets = [...values.addr ?? [], ...positionals, ...mode === "wait" ? [] : rest];
  const texts = targets.filter((text) => text !== "-");
  const files = [...values.file ?? [], ...targets.filter((text) => text === "-")]
    .map((path) => STDIN.includes(path) ? "-" : path);
  if (texts.length + files.length === 0) {
    throw new UsageError(`No target given: name one, as in "tcp-checker example.com:80" (--help tells the rest)`);
  }
  if (files.filter((path) => path === "-").length > 1) throw new UsageError("Cannot read stdin twice: give - once");
  const limit = values.limit ?? DEFAULT_LIMIT;
  if (limit > MAX_TARGETS) throw new UsageError(`Cannot use --limit "${limit}": it goes no higher than ${MAX_TARGETS}`);
  return { texts, files, reading: { ports: values.ports, limit }, strict: values.strict ?? false };
}

function checkOptions(values: FlagValues, mode: Mode, format: Format): Command["options"] {
  if (values.ipv4 && values.ipv6) throw new UsageError("Cannot use -4 with -6: without either, both are used");
  const resolve = values.resolve ?? (format === "explain" ? "all" : "any");
  if (resolve === "all" && mode !== "check" && mode !== "scan") {
    throw new UsageError(`Cannot use --resolve all with ${MODE_TEXTS[mode]}: it needs one result a check`);
  }
  return {
    timeout: values.timeout ?? 1000,
    concurrency: values.concurrency ?? (mode === "summary" ? 1 : undefined),
    zeroLinger: !values["no-linger"],
    resolve,
    details: format === "explain" || format === "json",
    ...(values.ipv4 || values.ipv6) && { family: values.ipv4 ? 4 : 6 },
  };
}
