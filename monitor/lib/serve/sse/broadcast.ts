/** Broadcast of server-sent events: a message is encoded once for all clients. */

import type { ServerResponse } from "node:http";
import { HttpError } from "../http_error.ts";
import type { Reply } from "../reply.ts";

/** A client that has not read so many bytes gets no more until it has read most of them. */
const MAX_WAITING_BYTES = 1_048_576;
/** What a client must have read to get messages again: no more than so many bytes may wait. */
const FEW_WAITING_BYTES = 65_536;
/** Clients reconnect after so many ms. */
const RETRY_MS = 2000;

/** A client. */
interface Client {
  readonly response: ServerResponse;
  /** Events that it has missed, since it read too slowly. */
  lost: number;
}

/** Sends messages to any number of clients, up to a bound. */
export class Broadcast implements Disposable {
  readonly #clients = new Set<Client>();
  readonly #maxClients: number;
  readonly #lostMessage: (lost: number) => string;
  readonly #encoder = new TextEncoder();

  /**
   * @param maxClients How many clients there may be.
   * @param lostMessage Makes the message about events that a client has missed.
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
   * Makes the reply of a new client.
   *
   * @param first Makes what it gets first, at the moment from which on it gets all messages.
   * @returns The reply.
   * @throws {HttpError} If there are too many clients.
   */
  reply(first: () => string): Reply {
    if (this.#clients.size >= this.#maxClients) {
      throw new HttpError(503, `There are ${this.#maxClients} streams already: try later`, { "Retry-After": "30" });
    }
    return {
      type: "text/event-stream",
      body: (response) => this.#add(response, `retry: ${RETRY_MS}\n${first()}`),
      // A proxy such as nginx must not hold messages back.
      headers: { "X-Accel-Buffering": "no" },
    };
  }

  /**
   * Sends a message to all clients.
   *
   * @param message The message.
   * @param events How many events it has.
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
 * @param event The type of the message; a client gets it as `message` if it is absent.
 */
export function messageText(data: string, id?: string, event?: string): string {
  return `${event === undefined ? "" : `event: ${event}\n`}${id === undefined ? "" : `id: ${id}\n`}data: ${data}\n\n`;
}
