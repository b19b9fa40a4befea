/** Parser of the command line: mode, targets, options, format. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { type Arguments, flagText, namedMode, readArguments } from "./arguments.ts";
import { checkerOptions } from "./checker_options.ts";
import { parseFleet } from "./fleet_command.ts";
import { worksWith } from "./flag.ts";
import { type FlagName, FLAGS, type FlagValues } from "./flags.ts";
import { parseHub } from "./hub_command.ts";
import { fleetOptions } from "./fleet_options.ts";
import { type Format, FORMAT_FLAGS, FORMATS } from "../reports/formats.ts";
import { parseHistory } from "./history_command.ts";
import { misplacedOption, modeText } from "./misplaced_option.ts";
import { type Mode, NAMED_MODES } from "../mode.ts";
import type { Status } from "../tally.ts";
import { MAX_TARGETS } from "../targets/target_set.ts";
import type { TargetSources } from "../targets/targets.ts";
import { UsageError } from "../usage_error.ts";
import type { Command, FleetInvocation, HistoryInvocation, HubInvocation, InfoCommand } from "./command.ts";

/** Paths that mean stdin. Opened as files, they would need the permission to read all files. */
const STDIN_PATHS = ["/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"];
const DEFAULT_LIMIT = 65536;

/**
 * Parses the arguments. Targets remain text, which {@linkcode Targets} parses.
 *
 * @param args The arguments.
 * @returns The command.
 * @throws {UsageError} If an argument is invalid, or arguments exclude each other.
 */
export function parseCommand(
  args: readonly string[],
): Command | HistoryInvocation | FleetInvocation | HubInvocation | InfoCommand {
  const given = readArguments(args);
  const { values } = given;
  if (values.help) return { help: given.mode };
  if (isHelpWord(given)) return { help: namedMode(given.positionals[1]) };
  if (values.version) return "version";
  if (values.completions !== undefined) return { completions: values.completions };
  const mode = chooseMode(given);
  for (const name of Object.keys(values) as FlagName[]) requireMode(name, mode);
  if (mode === "history") {
    return { history: parseHistory(values, [...given.positionals, ...given.rest ?? []], chooseFormat(values)) };
  }
  if (mode === "fleet") return { fleet: parseFleet(values, [...given.positionals, ...given.rest ?? []]) };
  const format = chooseFormat(values);
  if (mode === "hub") return { hub: parseHub(values, [...given.positionals, ...given.rest ?? []], format) };
  requireOneConfiguration(given);
  return parseChecks(given, mode, format);
}

/** Parses the arguments of a mode that checks targets. */
function parseChecks(given: Arguments, mode: Command["mode"], format: Format): Command {
  const { values } = given;
  const { eachAddress } = FORMATS[format];
  const { interval = mode === "monitor" ? 2000 : 1000 } = values;
  return {
    mode,
    sources: targetSources(given, mode),
    options: checkOptions(values, mode, format),
    checker: checkerOptions(values),
    format,
    rounds: values.requests ?? (mode === "ping" || mode === "watch" ? Infinity : 1),
    interval,
    minUp: values["min-up"] ?? (eachAddress && values.resolve === undefined ? 1 : undefined),
    verbose: values.verbose ?? false,
    seed: values.seed ?? Math.floor(Math.random() * 2 ** 32),
    sort: values.sort ?? "state",
    wait: {
      expect: values.expect ?? "up",
      any: values.any ?? false,
      deadline: values.deadline ?? 60_000,
      command: mode === "wait" ? given.rest ?? [] : [],
    },
    scan: {
      only: onlyStatuses(values),
      exclude: values.exclude?.flat() ?? [],
      excludeFiles: values["exclude-file"] ?? [],
    },
    monitor: {
      options: {
        rise: values.rise,
        fall: values.fall,
        interval,
        fastInterval: values["fast-interval"],
        downInterval: values["down-interval"],
        timeout: values.timeout,
      },
      exec: values.exec,
      config: values.config,
      listen: values.listen,
      database: values.database,
      checkOnly: values["check-config"] ?? false,
      fleet: fleetOptions(given),
    },
  };
}

/** Whether the first argument is the word `help`, which can't be a target, because it has no port. */
function isHelpWord({ mode, positionals, values }: Arguments): boolean {
  return mode === undefined && positionals[0] === "help" && values.ports === undefined;
}

function chooseMode({ mode, values }: Arguments): Mode {
  if (mode !== undefined) return mode;
  if (values.interval !== undefined) return "ping";
  return values.addr !== undefined || values.requests !== undefined ? "summary" : "check";
}

function requireMode(name: FlagName, mode: Mode): void {
  if (!worksWith(FLAGS[name], mode)) throw misplacedOption(name, mode);
}

/** Options that work with `--config`. All others belong in the file, so that a reload applies them. */
const BESIDE_CONFIG: readonly string[] = ["config", "listen", "database", "check-config", ...FORMAT_FLAGS];

/** Rejects targets and options that belong in the file of `--config`. */
function requireOneConfiguration({ values, positionals, rest = [] }: Arguments): void {
  if (values.config === undefined) {
    if (values["check-config"]) throw new UsageError("--check-config has no file: add --config FILE");
    return;
  }
  const other = (Object.keys(values) as FlagName[]).find((name) => !BESIDE_CONFIG.includes(name));
  if (other !== undefined) {
    throw new UsageError(`${flagText(other, FLAGS[other])} does not work with --config: write it into the file`);
  }
  const [target] = [...positionals, ...rest];
  if (target !== undefined) {
    throw new UsageError(`The target ${quote(target)} does not work with --config: write it into the file`);
  }
}

function onlyStatuses({ open, only }: FlagValues): readonly Status[] | undefined {
  if (open && only !== undefined) throw new UsageError("--open means --only up: leave out one of them");
  return open ? ["up"] : only;
}

function chooseFormat(values: FlagValues): Format {
  const [format = "text", other] = FORMAT_FLAGS.filter((name) => values[name]);
  if (other !== undefined) throw new UsageError(`--${format} and --${other} exclude each other: choose one`);
  return format;
}

function targetSources({ values, positionals, rest = [] }: Arguments, mode: Mode): TargetSources {
  const before = [...values.addr ?? [], ...positionals];
  const targets = [...before, ...mode === "wait" ? [] : rest];
  const isText = (argument: string) => argument !== "-";
  const texts = targets.filter(isText);
  const files = [...values.file ?? [], ...targets.filter((argument) => !isText(argument))]
    .map((path) => STDIN_PATHS.includes(path) ? "-" : path);
  if (texts.length + files.length === 0 && values.config === undefined && values.fleet === undefined) {
    const name = Object.hasOwn(NAMED_MODES, mode) ? `${mode} ` : "";
    throw new UsageError(`No target given: add one, as in "tcp-checker ${name}example.com:80" (see --help)`);
  }
  if (files.filter((path) => path === "-").length > 1) throw new UsageError("stdin is given twice: give - once");
  const limit = values.limit ?? DEFAULT_LIMIT;
  if (limit > MAX_TARGETS) throw new UsageError(`--limit "${limit}" is too high: use at most ${MAX_TARGETS}`);
  return {
    texts,
    afterDashes: before.length > 0 || values.file !== undefined ? before.filter(isText).length : undefined,
    files,
    options: { ports: values.ports, limit, hasCommand: mode === "wait" },
    isStrict: values.strict ?? false,
  };
}

function checkOptions(values: FlagValues, mode: Mode, format: Format): Command["options"] {
  if (values.ipv4 && values.ipv6) throw new UsageError("-4 and -6 exclude each other: leave out both to use both");
  const { details = false, eachAddress } = FORMATS[format];
  const resolve = values.resolve ?? (eachAddress ? "all" : "any");
  if (resolve === "all" && mode !== "check" && mode !== "scan") {
    throw new UsageError(
      `--resolve all does not work with ${modeText(mode)}, which needs one result per check: use any or first`,
    );
  }
  return {
    timeout: values.timeout ?? 1000,
    concurrency: values.concurrency ?? (mode === "summary" ? 1 : undefined),
    zeroLinger: !values["no-linger"],
    resolve,
    details,
    ...(values.ipv4 || values.ipv6) && { family: values.ipv4 ? 4 : 6 },
  };
}
