/**
 * Transport of the NATS protocol over Deno's TCP and TLS.
 *
 * It replaces `@nats-io/transport-node`, which lacks an error listener between two steps of the handshake, so that a
 * reset ends a Deno process, and which verifies the certificate of an IP address against `localhost`.
 */

import type { ConnectionOptions, Server } from "@nats-io/nats-core";
import { checkOptions, errors, extractProtocolMessage, INFO, type Transport } from "@nats-io/nats-core/internal";

const READ_SIZE = 64 * 1024;
/** Maximum length of a server's first line (INFO), in bytes. */
const MAX_INFO = 1024 * 1024;
/** Time limit of the last write before a connection is closed, in ms. */
const FLUSH_TIME = 2_000;

/** A connection to a server. */
export class TcpTransport implements Transport {
  readonly lang = "deno";
  readonly version = "3.4.0";
  closeError?: Error;
  readonly #closed = Promise.withResolvers<void | Error>();
  #connection: Deno.TcpConn | Deno.TlsConn | undefined;
  #isConnected = false;
  #isEncrypted = false;
  #isClosed = false;
  /** Bytes read before the TLS handshake: the server's first line. */
  #first: Uint8Array = new Uint8Array();
  readonly #buffer = new Uint8Array(READ_SIZE);
  #written: Promise<void> = Promise.resolve();

  get isClosed(): boolean {
    return this.#isClosed;
  }

  async connect(server: Server, options: ConnectionOptions): Promise<void> {
    try {
      await this.#open(server as ServerWithName, options);
      if (this.#isClosed) throw new errors.ConnectionError("the connection was closed");
      this.#isConnected = true;
    } catch (error) {
      this.discard();
      if (!(error instanceof Deno.errors.ConnectionRefused)) throw error;
      throw new errors.ConnectionError("connection refused", { cause: error });
    }
  }

  async *[Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array> {
    yield this.#first;
    let failure: Error | undefined;
    while (!this.#isClosed) {
      const chunk = await this.#read().catch((error) => {
        failure = error;
        return undefined;
      });
      if (chunk === undefined) break;
      yield chunk;
    }
    this.#end(failure);
  }

  isEncrypted(): boolean {
    return this.#isEncrypted;
  }

  send(frame: Uint8Array): void {
    // Ignored, because errors surface in the pending read, or as unanswered pings.
    this.#written = this.#written.then(() => this.#write(frame)).catch(() => {});
  }

  async close(error?: Error): Promise<void> {
    if (error === undefined && this.#isConnected && !this.#isClosed) await within(FLUSH_TIME, this.#written);
    this.#end(error);
  }

  disconnect(): void {
    // Not flushed, because an unresponsive server reads nothing.
    this.#end(undefined);
  }

  closed(): Promise<void | Error> {
    return this.#closed.promise;
  }

  discard(): void {
    this.#isClosed = true;
    try {
      this.#connection?.close();
    } catch {
      // The connection is closed already.
    }
  }

  async #open({ hostname, port, tlsName }: ServerWithName, options: ConnectionOptions): Promise<void> {
    const connection = await Deno.connect({ hostname, port });
    this.#connection = connection;
    if (this.#isClosed) return this.discard();
    connection.setNoDelay(true);
    const info = await this.#readInfo();
    checkOptions(info, options);
    const { tls } = options;
    const isWanted = tls !== undefined && tls !== null;
    if (!info.tls_required && !isWanted) return;
    if (!info.tls_required && !info.tls_available) {
      throw errors.InvalidArgumentError.format("tls", "is not available on this server");
    }
    const caCerts = isWanted && tls.ca !== undefined ? [tls.ca] : undefined;
    const secure = await Deno.startTls(connection, { hostname: tlsName || hostname, ...caCerts && { caCerts } });
    this.#connection = secure;
    if (this.#isClosed) return this.discard();
    // Explicit, because an untrusted certificate would otherwise look like a lost connection in the first read.
    await secure.handshake();
    this.#isEncrypted = true;
  }

  async #readInfo(): Promise<{ tls_required?: boolean; tls_available?: boolean } & Parameters<typeof checkOptions>[0]> {
    let text = new Uint8Array();
    while (extractProtocolMessage(text) === "") {
      const chunk = await this.#read();
      if (chunk === undefined) throw new errors.ConnectionError("the server closed the connection");
      const longer = new Uint8Array(text.length + chunk.length);
      longer.set(text);
      longer.set(chunk, text.length);
      text = longer;
      if (text.length > MAX_INFO) throw new errors.ConnectionError("the server's first line is too long");
    }
    this.#first = text;
    const line = INFO.exec(extractProtocolMessage(text));
    if (line === null) throw new errors.ConnectionError("the server does not use the NATS protocol");
    return JSON.parse(line[1]);
  }

  /** Reads the next bytes; `undefined` at the end. */
  async #read(): Promise<Uint8Array | undefined> {
    const length = await this.#connection!.read(this.#buffer);
    // Copied, because the parser keeps references to it.
    return length === null ? undefined : this.#buffer.slice(0, length);
  }

  async #write(frame: Uint8Array): Promise<void> {
    for (let sent = 0; sent < frame.length && !this.#isClosed;) {
      sent += await this.#connection!.write(frame.subarray(sent));
    }
  }

  #end(error: Error | undefined): void {
    // A failed connection attempt is not a lost connection.
    if (this.#isClosed || !this.#isConnected) return this.discard();
    this.closeError = error;
    this.discard();
    this.#closed.resolve(error);
  }
}

/** Waits for a promise with a time limit. */
async function within(ms: number, promise: Promise<void>): Promise<void> {
  const { promise: timeout, resolve } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, ms);
  await Promise.race([promise, timeout]);
  clearTimeout(timer);
}

/** A server, with the name in its certificate if another server's gossip announced it. */
type ServerWithName = Server & { readonly tlsName?: string };
