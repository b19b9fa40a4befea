/** Recognizes targets in the syntax of other tools, and suggests the syntax of this command. */

import { addressFamily } from "@tcp-shaker/tcp-shaker/ip-number";
import { nearest } from "@tcp-shaker/tcp-shaker/nearest";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { NAMED_MODES } from "../mode.ts";

/** Ports, as in a target. */
const PORTS = String.raw`\d{1,5}(?:[,-]\d{1,5})*`;
/** A host and a port, as in nc. */
const HOST_PORT = new RegExp(String.raw`^(\S+)\s+(${PORTS})$`);
const PORT_ALONE = new RegExp(String.raw`^:?(${PORTS})$`);
/** `tcp:host:port`, as in wait-on. */
const PROTOCOL_TARGET = new RegExp(String.raw`^tcp[46]?:(\S+:${PORTS})$`, "i");
const PROTOCOL_PORTS = new RegExp(String.raw`^(tcp[46]?|udp):(${PORTS})$`, "i");
const URL_PORTS: Readonly<Record<string, string>> = { "http:": "80", "https:": "443", "ws:": "80", "wss:": "443" };

/** The position of an argument among the targets. */
export interface Neighbours {
  /** Whether the argument is the first target. */
  readonly isFirst: boolean;
  /** The argument after it. */
  readonly next: string | undefined;
  /** Whether it is the first argument after `--`, in the place of a command to run, in a mode that runs none. */
  readonly isCommand: boolean;
}

/**
 * Returns a hint for a text that is not a target, but looks like a target of another tool, or like a mode.
 *
 * @param text The text.
 * @param neighbours Its position, if it is an argument.
 * @returns What is wrong, and what to write; `undefined` if the text looks like neither.
 */
export function foreignSyntaxHint(text: string, neighbours?: Neighbours): string | undefined {
  if (text.includes("://")) return urlHint(text);
  const [host, ports] = HOST_PORT.exec(text)?.slice(1) ?? [];
  if (ports !== undefined) return hostPortHint(host, ports);
  const [target] = PROTOCOL_TARGET.exec(text)?.slice(1) ?? [];
  if (target !== undefined) return `it should be "host:port": write ${quote(target)}`;
  const [port] = PORT_ALONE.exec(text)?.slice(1) ?? [];
  if (port !== undefined) return `it is a port without a host: write ${quote(`localhost:${port}`)} for this host`;
  if (neighbours === undefined || text.includes(":") && addressFamily(text) !== 6) return undefined;
  const { next = "", isFirst, isCommand } = neighbours;
  if (isCommand) {
    return `it has no port; to run a command when targets are up, write "tcp-checker wait TARGET -- COMMAND"`;
  }
  const [nextPort] = PORT_ALONE.exec(next)?.slice(1) ?? [];
  if (nextPort !== undefined) return hostPortHint(text, nextPort);
  const modes = Object.keys(NAMED_MODES);
  if (modes.includes(text)) {
    return `it has no port; for the mode, write "tcp-checker ${text} ...", before all targets`;
  }
  const mode = isFirst ? nearest(text, modes) : undefined;
  return mode && `it has no port; did you mean the mode "${mode}"?`;
}

/**
 * Returns a hint for a protocol in the place of a host. Without the hint, a name server would be asked for a host of
 * that name.
 *
 * @param text The text.
 * @returns What is wrong, and what to write; `undefined` if the host is not a protocol.
 */
export function protocolHint(text: string): string | undefined {
  const [, protocol, ports] = PROTOCOL_PORTS.exec(text) ?? [];
  if (protocol === undefined) return undefined;
  return `"${protocol}" is a protocol: write ${quote(`localhost:${ports}`)} for this host, or ${
    quote(`${protocol}.:${ports}`)
  } for a host of that name`;
}

function hostPortHint(host: string, port: string): string {
  return `it has no port, it should be "host:port": write ${
    quote(`${addressFamily(host) === 6 ? `[${host}]` : host}:${port}`)
  }`;
}

function urlHint(text: string): string {
  const reason = `it is a URL, it should be "host:port"`;
  const url = URL.parse(text);
  const port = url?.port || URL_PORTS[url?.protocol ?? ""];
  return url === null || url.hostname === "" || port === undefined
    ? reason
    : `${reason}: write ${quote(`${url.hostname}:${port}`)}`;
}
