/** Stream of all events, for `GET /api/v1/events` as server-sent events. */

import { eventJson } from "../../event_json.ts";
import type { EventLog, LoggedEvent } from "../../status/event_log.ts";
import type { Reply } from "../reply.ts";
import { Broadcast, messageText } from "./broadcast.ts";

/** Interval of comments in ms. The server ends a connection that is idle for 10 s. */
const HEARTBEAT_MS = 4000;
const HEARTBEAT = ":\n\n";

/** Sends each event to all clients. */
export class EventStreams implements Disposable {
  readonly #log: EventLog;
  readonly #clients: Broadcast;
  readonly #heartbeat: ReturnType<typeof setInterval>;

  /**
   * @param log The events.
   * @param maxClients The maximum number of clients.
   */
  constructor(log: EventLog, maxClients: number) {
    this.#log = log;
    this.#clients = new Broadcast(maxClients, (lost) => this.#lostMessage(lost));
    this.#heartbeat = setInterval(() => this.#clients.send(HEARTBEAT, 0), HEARTBEAT_MS);
    log.follow((events, lost) => {
      if (this.#clients.size === 0) return;
      const text = `${lost > 0 ? this.#lostMessage(lost) : ""}${events.map(eventMessage).join("")}`;
      this.#clients.send(text, events.length + lost);
    });
  }

  /**
   * Makes the reply to a new client.
   *
   * @param after The id of the client's last event; without it the stream begins with the next event.
   * @returns The reply.
   * @throws {HttpError} If there are too many clients.
   */
  reply(after: string | undefined): Reply {
    return this.#clients.reply(() => {
      this.#log.flush();
      if (after === undefined) return `id: ${this.#log.newestId}\n\n`;
      const missed = this.#log.after(after);
      return missed === undefined ? this.#lostMessage() : `\n${missed.map(eventMessage).join("")}`;
    });
  }

  /** Ends all streams. */
  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
    this.#clients[Symbol.dispose]();
  }

  /** The message about missing events; their number is 0 if it is unknown. */
  #lostMessage(count = 0): string {
    return messageText(eventJson({ type: "lost", count, at: Date.now() }), this.#log.newestId);
  }
}

function eventMessage({ id, json }: LoggedEvent): string {
  return messageText(json, id);
}
