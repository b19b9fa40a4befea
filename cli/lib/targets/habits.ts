/** Ways of other tools to write a target, and how it is written here. */

import { isIPv6 } from "node:net";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { NAMED_MODES } from "../flags.ts";
import { nearest } from "@tcp-shaker/tcp-shaker/nearest";

/** Ports as they stand behind a colon. */
const PORTS = String.raw`\d{1,5}(?:[,-]\d{1,5})*`;
/** An IPv4 address with ranges or wildcards for numbers, or one with the end of a range behind it, as for nmap. */
const RANGE = /^(?=.*[*-])[\d*-]+(?:\.[\d*-]+){3,}$/;
/** A host and a port, as nc takes them. */
const HOST_PORT = new RegExp(String.raw`^(\S+)\s+(${PORTS})$`);
const PORT_ALONE = new RegExp(String.raw`^:?(${PORTS})$`);
/** wait-on's `tcp:host:port`. */
const PROTOCOL_TARGET = new RegExp(String.raw`^tcp[46]?:(\S+:${PORTS})$`, "i");
const PROTOCOL = /^(?:tcp[46]?|udp)$/i;
const URL_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443" };

/** What stands beside an argument. */
export interface Neighbours {
  /** Whether it is the first of the targets. */
  readonly isFirst: boolean;
  /** The argument after it. */
  readonly next: string | undefined;
}

/**
 * Tells what was probably meant by a text that is no target.
 *
 * @param text The text.
 * @param neighbours What stands beside it, if it is an argument.
 * @returns What is wrong, and what to write; `undefined` if it looks like nothing that we know.
 */
export function misspelling(text: string, neighbours?: Neighbours): string | undefined {
  if (text.includes("://")) return urlText(text);
  const [host, pair] = HOST_PORT.exec(text)?.slice(1) ?? [];
  if (pair !== undefined) return shouldBe(host, pair);
  const [target] = PROTOCOL_TARGET.exec(text)?.slice(1) ?? [];
  if (target !== undefined) return `it should be "host:port": write ${quote(target)}`;
  const [port] = PORT_ALONE.exec(text)?.slice(1) ?? [];
  if (port !== undefined) return `it is a port without a host: write ${quote(`localhost:${port}`)} for this host`;
  if (neighbours === undefined || text.includes(":") && !isIPv6(text)) return undefined;
  const { next = "", isFirst } = neighbours;
  const [portBehind] = PORT_ALONE.exec(next)?.slice(1) ?? [];
  if (portBehind !== undefined) return shouldBe(text, portBehind);
  const modes = Object.keys(NAMED_MODES);
  if (modes.includes(text)) {
    return `it has no port; if the mode is meant, write "tcp-checker ${text} ...", before all targets`;
  }
  const mode = isFirst ? nearest(text, modes) : undefined;
  return mode && `it has no port; did you mean the mode "${mode}"?`;
}

/**
 * Tells what was probably meant by a host that would be taken for a name, and be asked for at name servers.
 *
 * @param host The host.
 * @param ports The ports behind it, as they were written.
 * @returns What is wrong, and what to write; `undefined` if it looks like a name.
 */
export function mistakenName(host: string, ports: string | undefined): string | undefined {
  if (RANGE.test(host)) {
    return `it looks like a range of addresses, which is not supported: write a network, as "192.0.2.0/29:80", or each address`;
  }
  if (!PROTOCOL.test(host) || ports === undefined) return undefined;
  return `"${host}" is a protocol: write ${quote(`localhost:${ports}`)} for this host, or ${
    quote(`${host}.:${ports}`)
  } for a host of that name`;
}

function shouldBe(host: string, port: string): string {
  return `it has no port, it should be "host:port": write ${quote(`${isIPv6(host) ? `[${host}]` : host}:${port}`)}`;
}

function urlText(text: string): string {
  const reason = `it is a URL, it should be "host:port"`;
  const url = URL.parse(text);
  const port = url?.port || URL_PORTS[url?.protocol ?? ""];
  return url === null || url.hostname === "" || port === undefined
    ? reason
    : `${reason}: write ${quote(`${url.hostname}:${port}`)}`;
}
