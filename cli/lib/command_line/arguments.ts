/** Parses the arguments into options, mode and targets. */

import { parseArgs, type ParseArgsConfig } from "node:util";
import { nearest } from "@tcp-shaker/tcp-shaker/nearest";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { Flag } from "./flag.ts";
import { type FlagName, flags, type FlagValues } from "./flags.ts";
import { NAMED_MODES, type NamedMode } from "../mode.ts";
import { UsageError } from "../usage_error.ts";

/** Parsed arguments. */
export interface Arguments {
  readonly values: FlagValues;
  /** The mode, if the first argument names one. */
  readonly mode: NamedMode | undefined;
  /** Arguments before `--` that are not options. */
  readonly positionals: readonly string[];
  /** Arguments after `--`; `undefined` without `--`. */
  readonly rest: readonly string[] | undefined;
}

/**
 * Parses arguments.
 *
 * @param args The arguments.
 * @returns The parsed arguments.
 * @throws {UsageError} If an option is unknown, or its value is invalid.
 */
export function readArguments(args: readonly string[]): Arguments {
  const end = args.indexOf("--");
  const rest = end < 0 ? undefined : args.slice(end + 1);
  const { values: texts, positionals } = parse(end < 0 ? args : args.slice(0, end));
  const values = Object.fromEntries(
    flags().flatMap(([name, flag]) => {
      const given = texts[name];
      return given === undefined ? [] : [[name, parseGiven(name, flag, given)]];
    }),
  );
  const mode = namedMode(positionals[0]);
  if (mode !== undefined) positionals.shift();
  return { values: values as FlagValues, mode, positionals, rest };
}

/** Returns the name of an option for messages: its one-letter form, if it has one. */
export function flagText(name: FlagName, { short }: Flag): string {
  return short === undefined ? `--${name}` : `-${short}`;
}

/** Returns the mode that a word names; `undefined` if it names none. */
export function namedMode(word: string | undefined): NamedMode | undefined {
  return word !== undefined && Object.hasOwn(NAMED_MODES, word) ? word as NamedMode : undefined;
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
    throw parseError(error as Error, args);
  }
}

/** Translates an error of the parser. */
function parseError({ message }: Error, args: readonly string[]): UsageError {
  // Removes advice on positional arguments that start with a dash, because no target does.
  const text = message.replace(/\s+To specify .*$/s, "").replaceAll("\n", " ").replace(/\.$/, "");
  const [, unknown] = /^Unknown option '(.+)'$/.exec(text) ?? [];
  return missingValue(message, args) ??
    new UsageError(`${unknown === undefined ? text : unknownOption(unknown)} (see --help)`);
}

function unknownOption(option: string): string {
  const meant = option.startsWith("--") ? nearest(option.slice(2), flags().map(([name]) => name)) : undefined;
  return `Unknown option ${quote(option)}${meant === undefined ? "" : `: did you mean --${meant}?`}`;
}

/** Returns the error for an option without a value, or followed by an argument that starts with a dash. */
function missingValue(message: string, args: readonly string[]): UsageError | undefined {
  const option = /^Option '(-\w|--[\w-]+)\b.*' argument (?:missing|is ambiguous)/.exec(message)?.[1];
  const [name, flag] = flags().find(([name, { short }]) => option === `--${name}` || option === `-${short}`) ?? [];
  if (name === undefined || flag?.value === undefined) return undefined;
  const text = flagText(name, flag);
  const given = args.find((arg, i) => arg.startsWith("-") && args[i - 1] === option);
  if (given === undefined) return new UsageError(`${text} has no value: add ${flag.value.description}`);
  if (flag.value.parse(given) === undefined) return invalidValue(name, flag, given);
  return new UsageError(
    `${text} ${quote(given)} looks like an option: if it is the value, write --${name}=${given}`,
  );
}

function parseGiven(name: FlagName, flag: Flag, given: NonNullable<Given>): unknown {
  return Array.isArray(given) ? given.map((one) => parseValue(name, flag, one)) : parseValue(name, flag, given);
}

function parseValue(name: FlagName, flag: Flag, given: string | boolean): unknown {
  if (typeof given === "boolean") return given;
  const text = withoutEquals(given);
  const value = flag.value!.parse(text);
  if (value === undefined) throw invalidValue(name, flag, text);
  return value;
}

function invalidValue(name: FlagName, flag: Flag, text: string): UsageError {
  return new UsageError(`${flagText(name, flag)} ${quote(text)} is invalid: use ${flag.value!.description}`);
}

/** Removes the equals sign of `-n=10`, because tcp-checker in Go allows this form. */
function withoutEquals(value: string): string {
  return value.startsWith("=") ? value.slice(1) : value;
}
