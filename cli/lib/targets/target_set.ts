/** What one argument, or one line of a file, stands for. */

import { isIP, isIPv6 } from "node:net";
import { expandTargets, type TargetSet as Expanded } from "@tcp-shaker/tcp-shaker";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "../usage_error.ts";
import { misspelling, mistakenName, type Neighbours } from "./habits.ts";
import type { Target } from "./target.ts";

/** How targets are read. */
export interface Reading {
  /** The ports of hosts that come without. */
  readonly ports: string | undefined;
  /** How many targets one text may stand for. */
  readonly limit: number;
}

/** The highest limit: what can be counted, and put in a random order, with JavaScript's numbers. */
export const MAX_TARGETS = 2 ** 52;

/** A name, or an IPv4 address, and the ports behind it. */
const UNBRACKETED = /^([^:/[\]]+)(?:\/\d+)?(?::([^:]*))?$/;
const NO_PORT = `it has no port, it should be "host:port"`;

/** Some hosts with some ports: never listed, so that it may be huge. */
export class TargetSet {
  readonly #expanded: Expanded;
  readonly #isName: boolean;
  /** What the user wrote, if that is a target. */
  readonly #text: string | undefined;

  /**
   * @param expanded The targets.
   * @param text What the user wrote, if that is a target.
   */
  constructor(expanded: Expanded, text?: string) {
    this.#expanded = expanded;
    this.#isName = isIP(expanded.at(0).hostname) === 0;
    this.#text = text;
  }

  /**
   * Reads what the user wrote. Nothing is resolved or sent.
   *
   * @param text What they wrote.
   * @param reading How to read it.
   * @param neighbours What stands beside it, if it is an argument: they may tell what was meant.
   * @returns The targets.
   * @throws {UsageError} If it makes no sense, or stands for too many.
   */
  static parse(text: string, { ports, limit }: Reading, neighbours?: Neighbours): TargetSet {
    const [, host, own] = UNBRACKETED.exec(text) ?? [];
    const mistake = host === undefined || isIP(host) !== 0 ? undefined : mistakenName(host, own);
    if (mistake !== undefined) cannot(text, mistake);
    const set = new TargetSet(expand(text, ports, neighbours), isTarget(text) ? text : undefined);
    if (set.size > limit) cannot(text, tooMany(set.size, limit));
    return set;
  }

  /** How many targets there are. */
  get size(): number {
    return this.#expanded.size;
  }

  /** The target at an index, from 0: all ports of the first host come first. */
  at(index: number): Target {
    const { hostname, port } = this.#expanded.at(index);
    const host = hostname.includes(":") ? `[${hostname}]` : hostname;
    const text = this.size === 1 && this.#text !== undefined ? this.#text : `${host}:${port}`;
    return { text, hostname: host, port, isName: this.#isName };
  }
}

function expand(text: string, ports: string | undefined, neighbours: Neighbours | undefined): Expanded {
  try {
    return expandTargets(text, { ports, limit: Infinity });
  } catch (error) {
    if (!(error instanceof TypeError || error instanceof RangeError)) throw error;
    const meant = misspelling(text, neighbours);
    if (meant !== undefined) cannot(text, meant);
    const option = error.message.endsWith(NO_PORT) && ports === undefined ? ", or come with -p PORT" : "";
    throw new UsageError(error.message + option);
  }
}

/** Whether a text has its own port, and is no network. */
function isTarget(text: string): boolean {
  return /:[^:\]]*$/.test(text) && !text.includes("/") && !isIPv6(text);
}

function tooMany(size: number, limit: number): string {
  const count = size < MAX_TARGETS ? String(size) : size.toExponential(1);
  const remedy = size <= MAX_TARGETS ? `if you mean it, add --limit ${size}` : "narrow it";
  return `it stands for ${count} targets, and the limit is ${limit}; ${remedy}`;
}

/**
 * Refuses what the user wrote.
 *
 * @param text What they wrote.
 * @param reason Why, and what to write instead.
 * @throws {UsageError} Always.
 */
export function cannot(text: string, reason: string): never {
  throw new UsageError(`Cannot check ${quote(text)}: ${reason}`);
}
