/** Connections to NATS. */

import { type ConnectionOptions, type NatsConnection, nkeyAuthenticator, wsconnect } from "@nats-io/nats-core";
import { NatsConnectionImpl, setTransportFactory } from "@nats-io/nats-core/internal";
import { quote } from "@tcp-shaker/tcp-shaker/quote";
import { TcpTransport } from "./nats/tcp_transport.ts";
import { inboxPrefix } from "./security/subjects.ts";

/** Options of a connection to the servers of a fleet. */
export interface ConnectOptions {
  /** URLs of the servers: `nats://HOST:PORT` or `tls://HOST:PORT`; `ws://` or `wss://` for servers behind a proxy. */
  servers: readonly string[];
  /** The name of the agent, the hub or the command's connection. The server lists it, and inboxes begin with it. */
  name: string;
  /** The seed of an nkey, from `fleet nats-config`. Without it the connection has no user. */
  seed?: Uint8Array;
  /** CA certificates that verify the servers' certificates, in PEM, in place of the system's. */
  ca?: string;
}

/** Delay before the client reconnects, in ms. */
const RECONNECT_AFTER = 500;
const RECONNECT_JITTER = 500;
/**
 * Time limit for connecting to one server, in ms. It allows one retransmission of a lost SYN, and it is the only way to
 * detect a server that dies during the handshake.
 */
const CONNECT_TIMEOUT = 5_000;
/** Interval of pings, in ms. Two unanswered pings end the connection. */
const PING_INTERVAL = 2_000;

/** The servers, and the authorities of their certificates. */
type ServerOptions = Pick<ConnectOptions, "servers" | "ca">;

/**
 * Rejects servers that can't be reached in any attempt.
 *
 * @param options The servers and the authorities.
 * @throws {TypeError} If a URL is invalid or has a user, or URLs of both kinds are given.
 * @throws {Deno.errors.NotCapable} If Deno was run without `--allow-net` for a server. On a terminal Deno asks for it.
 */
export function checkServers(options: ServerOptions): void {
  parseServers(options).urls.forEach(requirePermission);
}

/** Parses the servers' URLs, and returns whether they use WebSocket, and TLS. */
function parseServers({ servers, ca }: ServerOptions): { urls: URL[]; isWeb: boolean; isSecure: boolean } {
  const urls = servers.map(urlOf);
  const protocols = new Set(urls.map(({ protocol }) => protocol));
  const isWeb = protocols.has("ws:") || protocols.has("wss:");
  if (isWeb && (protocols.has("nats:") || protocols.has("tls:"))) {
    throw new TypeError("URLs of servers can't be mixed: use either nats:// and tls://, or ws:// and wss://");
  }
  if (isWeb && ca !== undefined) {
    throw new TypeError("wss:// does not support own certificates: use tls://, or Deno's option --cert");
  }
  return { urls, isWeb, isSecure: protocols.has("tls:") || ca !== undefined };
}

/**
 * Connects to the servers of a fleet. After a lost connection it retries without end, but the first attempt fails if no
 * server answers. All connections of a process have URLs of the same kind, because the package has one transport for
 * all.
 *
 * @param options The options.
 * @returns The connection.
 * @throws {TypeError} If a URL is invalid or has a user, or URLs of both kinds are given.
 */
export async function connectFleet({ servers, name, seed, ca }: ConnectOptions): Promise<NatsConnection> {
  const { isWeb, isSecure } = parseServers({ servers, ca });
  const options: ConnectionOptions = {
    servers: [...servers],
    name,
    inboxPrefix: inboxPrefix(name),
    maxReconnectAttempts: -1,
    reconnectTimeWait: RECONNECT_AFTER,
    reconnectJitter: RECONNECT_JITTER,
    reconnectJitterTLS: RECONNECT_JITTER,
    timeout: CONNECT_TIMEOUT,
    pingInterval: PING_INTERVAL,
    maxPingOut: 2,
    // Retried, because a server may not have loaded a new key yet.
    ignoreAuthErrorAbort: true,
    ...seed !== undefined && { authenticator: nkeyAuthenticator(seed) },
    ...!isWeb && isSecure && { tls: ca === undefined ? {} : { ca } },
  };
  if (isWeb) return await wsconnect(options);
  setTransportFactory({ factory: () => new TcpTransport() });
  return await NatsConnectionImpl.connect(options);
}

/** Default ports by protocol. */
const PORTS: Readonly<Record<string, number>> = { "nats:": 4222, "tls:": 4222, "ws:": 80, "wss:": 443 };

/** Parses a server's URL, whose protocol is `nats:` by default. */
function urlOf(server: string): URL {
  const text = /^[a-z]+:\/\//.test(server) ? server : `nats://${server}`;
  const url = URL.parse(text);
  if (url?.username || url?.password) {
    throw new TypeError(`The URL of ${quote(url.host)} has a user or a password: use the seed of a key instead`);
  }
  if (url?.hostname && Object.hasOwn(PORTS, url.protocol)) return url;
  throw new TypeError(`The URL ${quote(server)} is invalid: use nats://HOST:PORT, tls://, ws:// or wss://`);
}

function requirePermission({ protocol, hostname, port }: URL): void {
  const host = `${hostname}:${port || PORTS[protocol]}`;
  if (Deno.permissions.requestSync({ name: "net", host }).state === "granted") return;
  throw new Deno.errors.NotCapable(`Cannot connect to ${host}: run Deno with --allow-net=${host}`);
}
