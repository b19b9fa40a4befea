/** From arguments to what is to be done. */

import { parseArgs } from "node:util";
import { parseTarget, quote } from "../address.ts";
import { USAGE } from "./help.ts";

/** A target, in the shape in which the module takes it, and which the module's results give back. */
export interface Target {
  /** The target as the user wrote it. */
  readonly text: string;
  readonly hostname: string;
  readonly port: number;
  /** Whether it has a name that must be resolved. */
  readonly isName: boolean;
}

/** What to check, how, and what to print. */
export interface Command {
  readonly targets: readonly Target[];
  /** In ms. */
  readonly timeout: number;
  /** How often each target is checked. */
  readonly requests: number;
  /** How many checks are under way at once; the module's default if absent. */
  readonly concurrency: number | undefined;
  readonly verbose: boolean;
  /** Whether one summary is wanted in place of a line for each target. */
  readonly summary: boolean;
}

/** Arguments that make no sense. Its message is for the user. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

const OPTIONS = {
  addr: { type: "string", short: "a", multiple: true },
  requests: { type: "string", short: "n" },
  concurrency: { type: "string", short: "c" },
  timeout: { type: "string", short: "t" },
  verbose: { type: "boolean", short: "v" },
  help: { type: "boolean", short: "h" },
  version: { type: "boolean" },
} as const;

const COUNT = { form: /^\d+$/, max: Number.MAX_SAFE_INTEGER, takes: "a whole number, 1 or more" };
const MILLISECONDS = { form: /^\d+(?:\.\d+)?$/, max: 2 ** 31 - 1, takes: "milliseconds, above 0 and below 2^31" };

/**
 * Parses all arguments, the targets too.
 *
 * @param args The arguments.
 * @returns What is to be done.
 * @throws {UsageError} If they make no sense.
 */
export function parseCommand(args: string[]): Command | "help" | "version" {
  const { values, positionals } = parseOptions(args);
  if (values.help) return "help";
  if (values.version) return "version";
  const texts = [...(values.addr ?? []).map(withoutEquals), ...positionals];
  if (texts.length === 0) throw new UsageError(`No target given\n${USAGE}\nMore: tcp-checker --help`);
  const summary = values.addr !== undefined || values.requests !== undefined;
  return {
    targets: texts.map(readTarget),
    timeout: readNumber("-t", values.timeout, MILLISECONDS) ?? 1000,
    requests: readNumber("-n", values.requests, COUNT) ?? 1,
    concurrency: readNumber("-c", values.concurrency, COUNT) ?? (summary ? 1 : undefined),
    verbose: values.verbose ?? false,
    summary,
  };
}

function parseOptions(args: string[]) {
  try {
    return parseArgs({ args, options: OPTIONS, allowPositionals: true });
  } catch (error) {
    // The message ends with advice on arguments that start with a dash, which no target does.
    const message = (error as Error).message.replace(/\s+To specify .*$/s, "").replaceAll("\n", " ");
    throw new UsageError(`${message.replace(/\.$/, "")} (--help lists the options)`);
  }
}

function readTarget(text: string): Target {
  try {
    const { host, port, family } = parseTarget(text);
    return { text, hostname: host, port, isName: family === 0 };
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readNumber(flag: string, given: string | undefined, { form, max, takes }: typeof COUNT): number | undefined {
  if (given === undefined) return undefined;
  const text = withoutEquals(given);
  const number = Number(text);
  if (!form.test(text) || !(number > 0 && number <= max)) {
    throw new UsageError(`Cannot use ${flag} ${quote(text)}: it takes ${takes}`);
  }
  return number;
}

/** Go's flags, and so the first tcp-checker's, may be written `-n=10`, where others would take "=10" as the value. */
function withoutEquals(value: string): string {
  return value.startsWith("=") ? value.slice(1) : value;
}
