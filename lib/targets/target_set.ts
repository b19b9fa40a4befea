/** Expansion of networks (CIDR), port lists and port ranges to targets. */

import { parseAddress, parseEndpoint } from "../address.ts";
import { assertOptions } from "../option_names.ts";
import { printable, quote } from "../quote.ts";
import type { HostPort } from "../result.ts";
import type { ExpandOptions } from "../expand_options.ts";
import { Host, type Hosts, Network } from "./hosts.ts";
import { ADDRESS_BITS } from "./ip_number.ts";
import { Ports } from "./ports.ts";

const DEFAULT_LIMIT = 65_536;
/** HOST, HOST/LENGTH, [HOST], [HOST]/LENGTH or [HOST/LENGTH], and then :PORTS or nothing. */
const SHAPE =
  /^(?:\[(?<inBrackets>[^[\]/]+)(?:\/(?<innerLength>\d+))?\]|(?<plain>[^:/[\]]+))(?:\/(?<length>\d+))?(?::(?<ports>[^:]*))?$/;
/** IPv6 without brackets, which is unambiguous if no port follows. */
const BARE_IPV6 = /^(?<plain>[^/[\]]+)(?:\/(?<length>\d+))?$/;

/**
 * Lazy sequence of targets, from {@linkcode expandTargets}. Each target is computed on access, so a network of any size
 * takes no memory.
 */
export class TargetSet implements Iterable<HostPort> {
  /** The number of targets; rounded above 2^53. */
  readonly size: number;
  readonly #hosts: Hosts;
  readonly #ports: Ports;

  /**
   * Makes a set.
   *
   * @param hosts The hosts.
   * @param ports The ports of each host.
   */
  constructor(hosts: Hosts, ports: Ports) {
    this.#hosts = hosts;
    this.#ports = ports;
    this.size = hosts.size * ports.size;
  }

  /**
   * Computes a target.
   *
   * @param index The index, 0 to `size` - 1. All ports of the first host come first.
   * @returns The target.
   * @throws {RangeError} If the index is out of range.
   */
  at(index: number): HostPort {
    if (!Number.isInteger(index) || index < 0 || index >= this.size) {
      throw new RangeError(`Cannot get target ${index}: the index must be an integer from 0 to ${this.size - 1}`);
    }
    return {
      hostname: this.#hosts.at(Math.floor(index / this.#ports.size)),
      port: this.#ports.at(index % this.#ports.size),
    };
  }

  /** Iterates over the targets, in order. */
  *[Symbol.iterator](): Generator<HostPort, void, void> {
    for (let i = 0; i < this.size; i++) yield this.at(i);
  }
}

/**
 * Expands a host or a network (CIDR) with a port, a list of ports or a range of ports to targets. No name is looked up.
 *
 * @param text `"example.com:80"`, `"192.0.2.1:22,80,8000-8100"`, `"198.51.100.0/28:80,443"`, `"[2001:db8::]/120:443"`. A
 * network includes its first and its last address.
 * @param options The limit, and the default ports.
 * @returns The targets: an iterable with `size` and `at(index)`.
 * @throws {TypeError} If the text is malformed.
 * @throws {RangeError} If a port or a prefix length is out of range, or the targets are more than the limit.
 *
 * @example
 * ```ts
 * import { Checker, expandTargets, formatTarget } from "@tcp-shaker/tcp-shaker";
 *
 * await using checker = await Checker.start();
 * for await (const { target, status } of checker.checkAll(expandTargets("127.0.0.0/30:1,2"), 500)) {
 *   console.log(formatTarget(target), status); // 127.0.0.0:1 refused, ...
 * }
 * ```
 */
export function expandTargets(
  text: string,
  options: ExpandOptions = {},
): TargetSet {
  if (typeof text !== "string") throw new TypeError(`Cannot check ${quote(text)}: targets are a string`);
  assertOptions(options, "expandTargets()");
  const { limit = DEFAULT_LIMIT, ports: defaultPorts } = options;
  if (defaultPorts !== undefined && typeof defaultPorts !== "string") {
    throw new TypeError(`Cannot expand targets: ports must be a string, such as "80,443": ${quote(defaultPorts)}`);
  }
  if (typeof limit !== "number" || !(limit >= 1)) {
    throw new RangeError(`Cannot expand targets: limit must be a number of 1 or more, it is ${quote(limit)}`);
  }
  // IDNA drops some of these characters, so a name would pass, and targets are printed to logs and terminals.
  if (printable(text) !== text) {
    cannot(text, "it has a control or format character: remove it, or write the ASCII form of the name (xn--...)");
  }
  // The rest of a URL would be parsed as a list of ports.
  if (text.includes("://")) cannot(text, `it is a URL, it should be "host:port"`);
  const groups = (SHAPE.exec(text) ?? bareIpv6(text, defaultPorts))?.groups;
  if (groups === undefined) {
    parseEndpoint(text);
    cannot(text, `it should be "host:port", or "network/length:ports"`);
  }
  const host = groups.inBrackets ?? groups.plain;
  const ports = readPorts(text, groups.ports ?? defaultPorts);
  const family = familyOf(host);
  // parseEndpoint() validates the host.
  const isBracketed = groups.inBrackets !== undefined || family === 6;
  const { host: canonical } = parseEndpoint(`${isBracketed ? `[${host}]` : host}:${ports.at(0)}`);
  const length = groups.length ?? groups.innerLength;
  // A name keeps its form as given.
  const hosts = length === undefined ? new Host(family === 0 ? host : canonical) : network(text, host, family, length);
  const set = new TargetSet(hosts, ports);
  if (set.size > limit) {
    throw new RangeError(
      `Cannot check ${
        quote(text)
      }: it has ${set.size} targets, the limit is ${limit}: raise the limit, or check a smaller network`,
    );
  }
  return set;
}

function bareIpv6(text: string, ports: string | undefined): RegExpExecArray | null {
  const match = ports === undefined ? null : BARE_IPV6.exec(text);
  return match !== null && familyOf(match.groups!.plain) === 6 ? match : null;
}

function familyOf(host: string): 0 | 4 | 6 {
  if (parseAddress(host) === undefined) return 0;
  return host.includes(":") ? 6 : 4;
}

function readPorts(target: string, text: string | undefined): Ports {
  if (text === undefined) cannot(target, `it has no port, it should be "host:port"`);
  const ports = Ports.parse(text);
  if (typeof ports === "string") cannot(target, ports);
  return ports;
}

function network(text: string, address: string, family: 0 | 4 | 6, digits: string): Network {
  if (family === 0 || address.includes("%")) cannot(text, "only an IP address without a zone has a prefix length");
  const [length, bits] = [Number(digits), ADDRESS_BITS[family]];
  if (length <= bits) return new Network(address, family, length);
  throw new RangeError(
    `Cannot check ${quote(text)}: the prefix length of an IPv${family} address is 0 to ${bits}, it is ${length}`,
  );
}

function cannot(text: string, reason: string): never {
  throw new TypeError(`Cannot check ${quote(text)}: ${reason}`);
}
