/** HTTP server of an agent. */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer, type Server as TlsServer } from "node:https";
import { type AddressInfo, isIP } from "node:net";
import type { AgentServer, AgentView } from "../agent/view.ts";
import type { Configuration, TlsConfiguration } from "../config/configuration.ts";
import { listen } from "../listen.ts";
import { parseListenAddress } from "../listen_address.ts";
import { admit } from "./guard.ts";
import { limitIdleConnections } from "./http/idle_connections.ts";
import { HttpError } from "./http/http_error.ts";
import { ProbeCheckers } from "./context/probe_checkers.ts";
import { writeReply } from "./http/reply.ts";
import { Status } from "../status/status.ts";
import type { RoutedRequest } from "./context/routed_request.ts";
import { findRoute } from "./routes.ts";
import { UptimeCache } from "./context/uptime_cache.ts";
import { PageCache } from "./context/page_cache.ts";
import { PageStreams } from "./sse/page_stream.ts";
import { EventStreams } from "./sse/event_stream.ts";

/** Limits for connections, so that slow or many clients can't exhaust memory and descriptors. */
const LIMITS = {
  headersTimeout: 5000,
  requestTimeout: 10_000,
  keepAliveTimeout: 5000,
  connectionsCheckingInterval: 1000,
  maxHeaderSize: 16_384,
};
/** Timeout of a TLS handshake in ms. With Node.js' default of two minutes idle clients could occupy all connections. */
const HANDSHAKE_MS = 5000;
const MAX_CONNECTIONS = 1024;
/** Maximum number of event streams, and of open pages. */
const MAX_STREAMS = 400;
/** Timeout of a response without progress, in ms. */
const STALLED_MS = 10_000;

/**
 * Starts the HTTP server at the address of `configuration.serve.listen`.
 *
 * @param agent The agent.
 * @returns The server, which listens.
 * @throws {Error} If listening fails, or the certificate is invalid.
 */
export async function startServer(agent: AgentView): Promise<AgentServer> {
  const { serve, monitor: { engine, fallback, interface: device, mark, tos, synRetries } } = agent.configuration;
  const { tls } = serve;
  const checkers = new ProbeCheckers({ engine, fallback, interface: device, mark, tos, synRetries });
  const status = new Status(agent, agent.history?.boot ?? Date.now());
  const eventStreams = new EventStreams(status, MAX_STREAMS);
  const pageStreams = new PageStreams(status, MAX_STREAMS);
  const context: Context = {
    agent,
    status,
    eventStreams,
    pageStreams,
    pages: new PageCache(),
    uptimes: new UptimeCache(status),
    checkers,
  };
  const handler = (request: IncomingMessage, response: ServerResponse) => void respond(context, request, response);
  const server = tls === undefined
    ? createServer(LIMITS, handler)
    : createTlsServer({ ...LIMITS, handshakeTimeout: HANDSHAKE_MS, ...certificate(tls) }, handler);
  server.maxConnections = MAX_CONNECTIONS;
  limitIdleConnections(server, MAX_CONNECTIONS / 2);
  server.setTimeout(STALLED_MS);
  const address = parseListenAddress(serve.listen!);
  try {
    await listen(server, address);
  } catch (error) {
    await endOf(context);
    throw new Error(`Cannot listen on ${serve.listen}: ${(error as Error).message}`, { cause: error });
  }
  return new RunningServer(server, context);
}

/** Whether an address is reachable only from this host. */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" || (isIP(hostname) === 4 && hostname.startsWith("127."));
}

class RunningServer implements AgentServer {
  readonly address: { readonly hostname: string; readonly port: number };
  readonly #server: Server | TlsServer;
  readonly #context: Context;

  constructor(server: Server | TlsServer, context: Context) {
    const { address, port } = server.address() as AddressInfo;
    this.address = { hostname: address, port };
    this.#server = server;
    this.#context = context;
  }

  update({ serve: { tls } }: Configuration): void {
    if (tls !== undefined && "setSecureContext" in this.#server) this.#server.setSecureContext(certificate(tls));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#server.close(() => resolve());
    this.#server.closeAllConnections();
    await endOf(this.#context);
    await promise;
  }
}

/** State shared by the handlers of requests. */
type Context = Omit<RoutedRequest, "message" | "url" | "parts">;

async function endOf({ status, eventStreams, pageStreams, checkers }: Context): Promise<void> {
  eventStreams[Symbol.dispose]();
  pageStreams[Symbol.dispose]();
  await Promise.all([status[Symbol.asyncDispose](), checkers[Symbol.asyncDispose]()]);
}

async function respond(context: Context, message: IncomingMessage, response: ServerResponse): Promise<void> {
  try {
    const reply = await answer(context, message).catch(asReply);
    await writeReply(message, response, reply);
  } catch {
    // The client has disconnected, or is too slow.
    response.destroy();
  }
}

function answer(context: Context, message: IncomingMessage) {
  return new Promise<Parameters<typeof writeReply>[2]>((resolve) => {
    const url = URL.parse(message.url ?? "", "http://localhost");
    if (url === null) throw new HttpError(400, "The URL is malformed");
    const { route, parts } = findRoute(message.method ?? "", url);
    admit(message, route.access, context.agent.configuration.serve);
    resolve(route.handle({ ...context, message, url, parts }));
  });
}

function asReply(error: unknown) {
  if (error instanceof HttpError) {
    const { status, message, headers } = error;
    return { status, body: [`${message}\n`], headers };
  }
  return { status: 500, body: ["The agent failed\n"] };
}

function certificate({ cert, key }: TlsConfiguration) {
  return { cert: cert?.reveal(), key: key?.reveal() };
}
