/** What one argument, or one line of a file, stands for. */

import { isIP, isIPv6 } from "node:net";
import { Checker } from "@tcp-shaker/tcp-shaker";
import { printable, quote } from "@tcp-shaker/tcp-shaker/quote";
import { UsageError } from "../usage_error.ts";
import { misspelling, mistakenName, type Neighbours } from "./habits.ts";
import { Host, type Hosts, Network } from "./hosts.ts";
import { ADDRESS_BITS } from "./ip_number.ts";
import { Ports } from "./ports.ts";
import type { Target } from "./target.ts";

/** How targets are read. */
export interface Reading {
  /** The ports of hosts that come without. */
  readonly ports: Ports | undefined;
  /** How many targets one text may stand for. */
  readonly limit: number;
}

/** The highest limit: what can be counted, and put in a random order, with JavaScript's numbers. */
export const MAX_TARGETS = 2 ** 52;

/** HOST, HOST/LENGTH, [HOST], [HOST]/LENGTH or [HOST/LENGTH], and then :PORTS or nothing. */
const SHAPE =
  /^(?:\[(?<inBrackets>[^[\]/]+)(?:\/(?<innerLength>\d+))?\]|(?<plain>[^:/[\]]+))(?:\/(?<length>\d+))?(?::(?<ports>[^:]*))?$/;
/** IPv6 without brackets: fine where no port follows. */
const BARE_IPV6 = /^(?<plain>[^/[\]]+)(?:\/(?<length>\d+))?$/;

/** Some hosts with some ports: never listed, so that it may be huge. */
export class TargetSet {
  readonly #hosts: Hosts;
  readonly #ports: Ports;
  readonly #text: string | undefined;
  /** How many targets there are. */
  readonly size: number;

  /**
   * @param hosts The hosts.
   * @param ports The ports that each of them has.
   * @param text What the user wrote, if that is a target.
   */
  constructor(hosts: Hosts, ports: Ports, text?: string) {
    this.#hosts = hosts;
    this.#ports = ports;
    this.#text = text;
    this.size = hosts.size * ports.size;
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
  static async parse(text: string, reading: Reading, neighbours?: Neighbours): Promise<TargetSet> {
    try {
      return await TargetSet.#read(text, reading);
    } catch (error) {
      const meant = error instanceof UsageError ? misspelling(text, neighbours) : undefined;
      if (meant !== undefined) cannot(text, meant);
      throw error;
    }
  }

  static async #read(text: string, reading: Reading): Promise<TargetSet> {
    // Names may have some that IDNA drops, and Target.text goes to terminals as it is.
    if (printable(text) !== text) {
      cannot(text, "it has a control or format character: remove it, or write the ASCII form of the name (xn--...)");
    }
    // The rest of it would pass for a list of ports.
    if (text.includes("://")) cannot(text, "it is a URL");
    const groups = (SHAPE.exec(text) ?? bareIpv6(text, reading))?.groups;
    if (groups === undefined) {
      await assertWellFormed(text);
      cannot(text, "it is no target");
    }
    const address = groups.inBrackets ?? groups.plain;
    const family = isIP(address);
    const host = groups.inBrackets !== undefined || family === 6 ? `[${address}]` : address;
    const ports = groups.ports === undefined ? reading.ports : Ports.parse(groups.ports);
    if (ports === undefined) cannot(text, `it has no port, it should be "host:port", or come with -p PORT`);
    if (typeof ports === "string") cannot(text, ports);
    const mistake = family === 0 ? mistakenName(address, groups.ports) : undefined;
    if (mistake !== undefined) cannot(text, mistake);
    const isPlainAddress = family === 4 && host === address || family === 6 && !address.includes("%");
    if (!isPlainAddress) await assertWellFormed(`${host}:${ports.at(0)}`);
    const length = groups.length ?? groups.innerLength;
    const hosts = length === undefined ? new Host(host, family === 0) : network(text, address, family, Number(length));
    const set = new TargetSet(hosts, ports, groups.ports === undefined || length !== undefined ? undefined : text);
    if (set.size > reading.limit) cannot(text, tooMany(set.size, reading.limit));
    return set;
  }

  /** The target at an index, from 0: all ports of the first host come first. */
  at(index: number): Target {
    const port = this.#ports.at(index % this.#ports.size);
    const hostname = this.#hosts.at(Math.floor(index / this.#ports.size));
    const text = this.size === 1 && this.#text !== undefined ? this.#text : `${hostname}:${port}`;
    return { text, hostname, port, isName: this.#hosts.isName };
  }
}

function bareIpv6(text: string, { ports }: Reading): RegExpExecArray | null {
  const match = ports === undefined ? null : BARE_IPV6.exec(text);
  return match !== null && isIPv6(match.groups!.plain) ? match : null;
}

function network(text: string, address: string, family: number, length: number): Network {
  if (family !== 4 && family !== 6 || address.includes("%")) {
    cannot(text, "only an IP address without a zone has a prefix length");
  }
  const bits = ADDRESS_BITS[family];
  if (length > bits) cannot(text, `the prefix length of an IPv${family} address is 0 to ${bits}, it is ${length}`);
  return new Network(address, family, length);
}

function tooMany(size: number, limit: number): string {
  const count = size < MAX_TARGETS ? String(size) : size.toExponential(1);
  const remedy = size <= MAX_TARGETS ? `if you mean it, add --limit ${size}` : "narrow it";
  return `it stands for ${count} targets, and the limit is ${limit}; ${remedy}`;
}

/** Has the module judge a target, without a check: it looks at the target first, and at the signal next. */
async function assertWellFormed(target: string): Promise<void> {
  try {
    await judge.checkAddr(target, { signal: ABORTED });
  } catch (error) {
    if (error !== ABORTED.reason) throw new UsageError((error as Error).message);
  }
}

const judge = new Checker();
const ABORTED = AbortSignal.abort();

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
