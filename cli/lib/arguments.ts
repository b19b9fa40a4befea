/** From arguments to the values of options. */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { type Flag, type FlagName, flags, type FlagValues, type Mode, NAMED_MODES } from "./flags.ts";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { nearest } from "@tcp-shaker/tcp-shaker/nearest";
import { UsageError } from "./usage_error.ts";

/** Arguments, sorted. */
export interface Arguments {
  readonly values: FlagValues;
  /** The mode, if it was named. */
  readonly mode: keyof typeof NAMED_MODES | undefined;
  /** What is no option, and before `--`. */
  readonly positionals: readonly string[];
  /** What comes after `--`. */
  readonly rest: readonly string[] | undefined;
}

/**
 * Sorts arguments, and reads the values of options.
 *
 * @param args The arguments.
 * @returns Them, sorted.
 * @throws {UsageError} If there is no such option, or its value is none.
 */
export function readArguments(args: readonly string[]): Arguments {
  const end = args.indexOf("--");
  const rest = end < 0 ? undefined : args.slice(end + 1);
  const { values, positionals } = parse(end < 0 ? args : args.slice(0, end));
  const read = Object.fromEntries(
    flags().flatMap(([name, flag]) => {
      const given = values[name];
      return given === undefined ? [] : [[name, readValue(name, flag, given)]];
    }),
  );
  const mode = isNamedMode(positionals[0]) ? positionals.shift() as Arguments["mode"] : undefined;
  return { values: read as FlagValues, mode, positionals, rest };
}

/** How messages call an option: by its letter, if it has one. */
export function flagText(name: FlagName, { short }: Flag): string {
  return short === undefined ? `--${name}` : `-${short}`;
}

/** Whether a word is a mode. */
function isNamedMode(word: string | undefined): word is Mode & keyof typeof NAMED_MODES {
  return word !== undefined && Object.hasOwn(NAMED_MODES, word);
}

type Given = string | boolean | (string | boolean)[] | undefined;

function parse(args: readonly string[]): { values: Record<string, Given>; positionals: string[] } {
  const options: ParseArgsConfig["options"] = Object.fromEntries(
    flags().map(([name, { short, value, multiple = false }]) => {
      const type = value === undefined ? "boolean" : "string";
      return [name, short === undefined ? { type, multiple } : { type, short, multiple }];
    }),
  );
  try {
    return parseArgs({ args: [...args], options, allowPositionals: true });
  } catch (error) {
    assertHasValue((error as Error).message, args);
    // The messages end with advice on arguments that start with a dash, which no target does.
    const message = (error as Error).message.replace(/\s+To specify .*$/s, "").replaceAll("\n", " ").replace(/\.$/, "");
    const [, unknown] = /^Unknown option '(.+)'$/.exec(message) ?? [];
    throw new UsageError(`${unknown === undefined ? message : unknownOption(unknown)} (--help lists the options)`);
  }
}

function unknownOption(option: string): string {
  const meant = option.startsWith("--") ? nearest(option.slice(2), flags().map(([name]) => name)) : undefined;
  return `Unknown option ${quote(option)}${meant === undefined ? "" : `: did you mean --${meant}?`}`;
}

/** Says what an option takes, if the parser found nothing for it, or what may be an option as it starts with a dash. */
function assertHasValue(message: string, args: readonly string[]): void {
  const option = /^Option '(-\w|--[\w-]+)\b.*' argument (?:missing|is ambiguous)/.exec(message)?.[1];
  const [name, flag] = flags().find(([name, { short }]) => option === `--${name}` || option === `-${short}`) ?? [];
  if (name === undefined || flag?.value === undefined) return;
  const text = flagText(name, flag);
  const given = args.find((arg, i) => arg.startsWith("-") && args[i - 1] === option);
  if (given === undefined) throw new UsageError(`Cannot use ${text} alone: it takes ${flag.value.takes}`);
  readOne(name, flag, given);
  throw new UsageError(`Cannot use ${text} ${quote(given)}: if you mean it, and no option, write --${name}=${given}`);
}

function readValue(name: FlagName, flag: Flag, given: NonNullable<Given>): unknown {
  return Array.isArray(given) ? given.map((one) => readOne(name, flag, one)) : readOne(name, flag, given);
}

function readOne(name: FlagName, flag: Flag, given: string | boolean): unknown {
  if (typeof given === "boolean") return given;
  const text = withoutEquals(given);
  const value = flag.value!.read(text);
  if (value === undefined) {
    throw new UsageError(`Cannot use ${flagText(name, flag)} ${quote(text)}: it takes ${flag.value!.takes}`);
  }
  return value;
}

/** Go's flags, and so the first tcp-checker's, may be written `-n=10`, where others would take "=10" as the value. */
function withoutEquals(value: string): string {
  return value.startsWith("=") ? value.slice(1) : value;
}
