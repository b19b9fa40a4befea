/** Broadcast of server-sent events. A message is encoded once for all clients. */

import type { ServerResponse } from "node:http";
import { HttpError } from "../http/http_error.ts";
import type { Reply } from "../http/reply.ts";

/** High-water mark in bytes: a client with more unread data gets no messages. */
const MAX_WAITING_BYTES = 1_048_576;
/** Low-water mark in bytes: a client with less unread data gets messages again. */
const FEW_WAITING_BYTES = 65_536;
/** Delay before clients reconnect, in ms. */
const RETRY_MS = 2000;

/** A client. */
interface Client {
  readonly response: ServerResponse;
  /** Number of events that the client has missed, because it reads too slowly. */
  lost: number;
}

/** Sends messages to a bounded number of clients. */
export class Broadcast implements Disposable {
  readonly #clients = new Set<Client>();
  readonly #maxClients: number;
  readonly #lostMessage: (lost: number) => string;
  readonly #encoder = new TextEncoder();

  /**
   * @param maxClients The maximum number of clients.
   * @param lostMessage Creates the message about missed events.
   */
  constructor(maxClients: number, lostMessage: (lost: number) => string) {
    this.#maxClients = maxClients;
    this.#lostMessage = lostMessage;
  }

  /** The number of clients. */
  get size(): number {
    return this.#clients.size;
  }

  /**
   * Creates the reply to a new client.
   *
   * @param first Creates the client's first message. Called when the client is added; the client gets all later
   *   messages.
   * @returns The reply.
   * @throws {HttpError} If there are too many clients.
   */
  reply(first: () => string): Reply {
    if (this.#clients.size >= this.#maxClients) {
      throw new HttpError(503, `All ${this.#maxClients} event streams are in use: try again later`, {
        "Retry-After": "30",
      });
    }
    return {
      type: "text/event-stream",
      body: (response) => this.#add(response, `retry: ${RETRY_MS}\n${first()}`),
      // Keeps proxies such as nginx from buffering messages.
      headers: { "X-Accel-Buffering": "no" },
    };
  }

  /**
   * Sends a message to all clients.
   *
   * @param message The message.
   * @param events The number of events in the message.
   */
  send(message: string, events: number): void {
    if (this.#clients.size === 0) return;
    const bytes = this.#encoder.encode(message);
    for (const client of this.#clients) this.#write(client, bytes, events);
  }

  /** Ends all streams. */
  [Symbol.dispose](): void {
    for (const { response } of this.#clients) response.destroy();
    this.#clients.clear();
  }

  #add(response: ServerResponse, first: string): void {
    const client = { response, lost: 0 };
    this.#clients.add(client);
    response.once("close", () => this.#clients.delete(client));
    response.on("error", () => response.destroy());
    response.write(first);
  }

  #write(client: Client, bytes: Uint8Array, events: number): void {
    const { response } = client;
    if (response.writableLength > (client.lost > 0 ? FEW_WAITING_BYTES : MAX_WAITING_BYTES)) {
      client.lost += events;
      return;
    }
    if (client.lost > 0) response.write(this.#lostMessage(client.lost));
    client.lost = 0;
    response.write(bytes);
  }
}

/**
 * Formats a message.
 *
 * @param data The data, without line breaks.
 * @param id The id, with which a client resumes.
 * @param event The type of the message; `message` by default.
 */
export function messageText(data: string, id?: string, event?: string): string {
  return `${event === undefined ? "" : `event: ${event}\n`}${id === undefined ? "" : `id: ${id}\n`}data: ${data}\n\n`;
}
