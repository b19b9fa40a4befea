/** The targets of one argument, or of one line of a file. */

import { expandTargets, type TargetSet as Expanded } from "@tcp-shaker/tcp-shaker";
import { addressFamily } from "@tcp-shaker/tcp-shaker/ip-number";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "../usage_error.ts";
import { foreignSyntaxHint, type Neighbours, protocolHint } from "./foreign_syntax.ts";
import type { Target } from "../target.ts";

/** Options for parsing targets. */
export interface TargetSetOptions {
  /** The ports of hosts that are given without a port. */
  readonly ports: string | undefined;
  /** The maximum number of targets per text. */
  readonly limit: number;
  /** Whether a command may follow the targets, after `--`. */
  readonly hasCommand?: boolean;
}

/** The highest limit, up to which indices are exact in JavaScript's numbers and in {@linkcode Permutation}. */
export const MAX_TARGETS = 2 ** 52;

const NO_PORT = `it has no port, it should be "host:port"`;

/** Targets that are computed by index, not stored, so that the set may be huge. */
export class TargetSet {
  readonly #expanded: Expanded;
  readonly #isName: boolean;
  /** The text of the only target, as given. */
  readonly #text: string | undefined;

  /**
   * @param expanded The targets.
   * @param text The text as given, if it denotes one target.
   */
  constructor(expanded: Expanded, text?: string) {
    this.#expanded = expanded;
    this.#isName = addressFamily(expanded.at(0).hostname) === undefined;
    this.#text = text;
  }

  /**
   * Parses an argument or a line. Nothing is resolved or sent.
   *
   * @param text The text.
   * @param options How to parse it.
   * @param neighbours The position among the arguments, for hints in error messages.
   * @returns The targets.
   * @throws {UsageError} If the text is malformed, or has too many targets.
   */
  static parse(text: string, options: TargetSetOptions, neighbours?: Neighbours): TargetSet {
    const { limit } = options;
    const hint = protocolHint(text);
    if (hint !== undefined) throw cannotCheck(text, hint);
    const set = new TargetSet(expand(text, options, neighbours), isTarget(text) ? text : undefined);
    if (set.size > limit) throw cannotCheck(text, tooMany(set.size, limit));
    return set;
  }

  /** The number of targets. */
  get size(): number {
    return this.#expanded.size;
  }

  /** Returns the target at an index, from 0. All ports of a host follow each other. */
  at(index: number): Target {
    const { hostname, port } = this.#expanded.at(index);
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    const text = this.size === 1 && this.#text !== undefined ? this.#text : `${host}:${port}`;
    return { text, hostname: host, port, isName: this.#isName };
  }
}

function expand(text: string, { ports, hasCommand }: TargetSetOptions, neighbours: Neighbours | undefined): Expanded {
  try {
    return expandTargets(text, { ports, limit: Infinity });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const hint = foreignSyntaxHint(text, neighbours);
    if (hint !== undefined) throw cannotCheck(text, hint);
    if (!error.message.endsWith(NO_PORT) || ports !== undefined) throw new UsageError(error.message);
    throw new UsageError(`${error.message}, or add -p PORT${hasCommand ? "; write -- before a command" : ""}`);
  }
}

/** Whether a text contains a port, and is not a network. */
function isTarget(text: string): boolean {
  return /:[^:\]]*$/.test(text) && !text.includes("/") && addressFamily(text) !== 6;
}

function tooMany(size: number, limit: number): string {
  const count = size < MAX_TARGETS ? String(size) : size.toExponential(1);
  const remedy = size <= MAX_TARGETS ? `narrow it, or add --limit ${size}` : "narrow it";
  return `it has ${count} targets, and the limit is ${limit}: ${remedy}`;
}

/** Returns the error for a text, with the reason and what to write instead. */
function cannotCheck(text: string, reason: string): UsageError {
  return new UsageError(`Cannot check ${quote(text)}: ${reason}`);
}
