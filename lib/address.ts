/** Parser of targets and IP addresses. */

import type { Address } from "./canonical.ts";
import { quote } from "./quote.ts";
import type { CheckTarget } from "./result.ts";

/** Parsed target. */
export interface Endpoint {
  /** An IP address in text form, with its zone if any, or a name in ASCII and lower case. */
  readonly host: string;
  /** The port, 1 to 65535. */
  readonly port: number;
  /** The family of the address; 0 for a name. */
  readonly family: 0 | 4 | 6;
  /** The addresses of a name that was already looked up, in the order of the attempts. */
  readonly addresses?: readonly Address[];
}

const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)(?:\.(?!$)|$)){4}$/;
/** Letters, digits, hyphens, and the underscore that private zones and containers use (RFC 1123, RFC 2181). */
const LABEL = /^[a-z\d_](?:[a-z\d_-]{0,61}[a-z\d_])?$/i;
/** A range of IPv4 addresses as in nmap: ranges or wildcards for numbers, or an end after a hyphen. */
const IPV4_RANGE = /^(?=.*[*-])[\d*-]+(?:\.[\d*-]+){3,}$/;
/** Characters that end the host of a URL, or that the URL parser decodes. */
const NOT_IN_A_NAME = /[\s%/?#@:\\[\]<>^|]/;
/** An interface's index, or its name in ASCII (IFNAMSIZ less the NUL). */
const ZONE = /^[!-$&-.0-~]{1,15}$/;

/**
 * Parses a target.
 *
 * @param target The user's value.
 * @returns The host and the port.
 * @throws {TypeError} If the target is malformed.
 * @throws {RangeError} If the port is a number outside 1 to 65535.
 */
export function parseEndpoint(target: CheckTarget): Endpoint {
  if (typeof target === "string") return parseText(target);
  if (typeof target !== "object" || target === null) {
    throw new TypeError(`Cannot check ${quote(target)}: a target is "host:port" or { hostname, port }`);
  }
  const { hostname, port } = target;
  if (typeof hostname !== "string" || typeof port !== "number") {
    throw new TypeError(`Cannot check ${quote(target)}: hostname must be a string and port a number`);
  }
  const bracketed = hostname.startsWith("[") && hostname.endsWith("]") && hostname.includes(":");
  return parseHost(bracketed ? hostname.slice(1, -1) : hostname, checkPort(port, target), target);
}

/**
 * Parses an IP address.
 *
 * @param text The address in text form, with its zone if any.
 * @returns The address in canonical form; `undefined` if the text is not an IP address.
 */
export function parseAddress(text: string): string | undefined {
  return IPV4.test(text) ? text : canonicalIpv6(text);
}

function parseText(target: string): Endpoint {
  const colon = target.lastIndexOf(":");
  const host = target.slice(0, Math.max(0, colon));
  // Fast path, because most targets are IPv4 addresses.
  if (IPV4.test(host) && target[colon + 1] !== "/") {
    return { host, port: parsePort(target.slice(colon + 1), target), family: 4 };
  }
  if (target.includes("://")) {
    throw new TypeError(`Cannot check ${quote(target)}: it is a URL, it should be "host:port"`);
  }
  if (target.startsWith("[")) {
    if (target[colon - 1] !== "]") throw new TypeError(`Cannot check ${quote(target)}: it should be "[address]:port"`);
    const address = host.slice(1, -1);
    if (!address.includes(":")) throw new TypeError(`Cannot check ${quote(target)}: only an IPv6 address has brackets`);
    return parseHost(address, parsePort(target.slice(colon + 1), target), target);
  }
  if (colon < 0) throw new TypeError(`Cannot check ${quote(target)}: it has no port, it should be "host:port"`);
  if (host.includes(":")) {
    throw new TypeError(`Cannot check ${quote(target)}: an IPv6 address is written in brackets, "[address]:port"`);
  }
  return parseHost(host, parsePort(target.slice(colon + 1), target), target);
}

function parsePort(text: string, target: CheckTarget): number {
  if (/^\d+$/.test(text)) return checkPort(Number(text), target, text);
  if (/^(?:-?\d+(?:\.\d+)?|NaN)$/.test(text)) return checkPort(NaN, target, text);
  throw new TypeError(`Cannot check ${quote(target)}: the port is not a number: ${quote(text)}`);
}

function checkPort(port: number, target: CheckTarget, text = String(port)): number {
  if (Number.isInteger(port) && port >= 1 && port <= 65535) return port;
  const shown = text.length > 20 ? `${text.slice(0, 20)}... (${text.length} characters)` : text;
  throw new RangeError(`Cannot check ${quote(target)}: port must be an integer from 1 to 65535, it is ${shown}`);
}

function parseHost(host: string, port: number, target: CheckTarget): Endpoint {
  if (IPV4.test(host)) return { host, port, family: 4 };
  if (!host.includes(":")) return { host: asciiName(host, target), port, family: 0 };
  const address = canonicalIpv6(host);
  if (address !== undefined) return { host: address, port, family: 6 };
  throw new TypeError(`Cannot check ${quote(target)}: it is not an IPv6 address: ${quote(host)}`);
}

function canonicalIpv6(host: string): string | undefined {
  const percent = host.indexOf("%");
  const address = percent < 0 ? host : host.slice(0, percent);
  const zone = percent < 0 ? "" : host.slice(percent);
  if (/^[\da-f:.]+$/i.test(address) && (zone === "" || ZONE.test(zone.slice(1)))) {
    // The URL class has an IPv6 parser and an RFC 5952 serializer.
    const url = URL.parse(`http://[${address}]`);
    if (url !== null) return url.hostname.slice(1, -1) + zone;
  }
}

function asciiName(host: string, target: CheckTarget): string {
  const ascii = /^[\0-\x7f]*$/.test(host) ? host : toAscii(host);
  // Without this error, a name server would be asked for the range.
  if (IPV4_RANGE.test(ascii)) {
    throw new TypeError(
      `Cannot check ${quote(target)}: ranges of addresses are not supported: write each address, or expand a ` +
        'network, such as "192.0.2.0/29:80"',
    );
  }
  const labels = (ascii.endsWith(".") ? ascii.slice(0, -1) : ascii).split(".");
  const last = labels[labels.length - 1];
  // A name with a numeric last label is a mistyped IPv4 address (WHATWG URL, "ends in a number").
  if (ascii.length > 254 || !labels.every((label) => LABEL.test(label)) || /^(?:\d+|0x[\da-f]*)$/i.test(last)) {
    throw new TypeError(`Cannot check ${quote(target)}: it is neither a name nor an IP address: ${quote(host)}`);
  }
  return ascii.toLowerCase();
}

/** Converts a name to its ASCII form (IDNA, UTS 46). Returns "" if the name has none. */
function toAscii(host: string): string {
  // A name has at most 253 characters in ASCII, so a much longer text is not a name.
  if (host.length > 1024 || NOT_IN_A_NAME.test(host)) return "";
  return URL.parse(`http://${host}`)?.hostname ?? "";
}
