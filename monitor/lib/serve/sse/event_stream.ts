/** Stream of all events, for `GET /api/v1/events` as server-sent events. */

import { eventJson } from "../../event_json.ts";
import type { StoredEvent } from "../../history/reader.ts";
import { readMissed } from "../../status/missed_events.ts";
import type { Status } from "../../status/status.ts";
import type { Reply } from "../http/reply.ts";
import { Broadcast, messageText } from "./broadcast.ts";

/** Interval of comments in ms. The server ends a connection that is idle for 10 s. */
const HEARTBEAT_MS = 4000;
const HEARTBEAT = ":\n\n";

/** Sends each event to all clients. */
export class EventStreams implements Disposable {
  readonly #status: Status;
  readonly #clients: Broadcast;
  readonly #heartbeat: ReturnType<typeof setInterval>;

  /**
   * @param status The events.
   * @param maxClients The maximum number of clients.
   */
  constructor(status: Status, maxClients: number) {
    this.#status = status;
    this.#clients = new Broadcast(maxClients, (lost) => this.#lostMessage(lost));
    this.#heartbeat = setInterval(() => this.#clients.send(HEARTBEAT, 0), HEARTBEAT_MS);
    status.log.follow((events, lost) => {
      if (this.#clients.size === 0) return;
      const text = `${lost > 0 ? this.#lostMessage(lost) : ""}${events.map(eventMessage).join("")}`;
      this.#clients.send(text, events.length + lost);
    });
  }

  /**
   * Creates the reply to a new client.
   *
   * @param after The id of the client's last event; without it the stream begins with the next event.
   * @returns The reply.
   * @throws {HttpError} If there are too many clients.
   */
  async reply(after: string | undefined): Promise<Reply> {
    const { log } = this.#status;
    const read = after === undefined ? undefined : await readMissed(this.#status, after);
    return this.#clients.reply(() => {
      log.flush();
      if (read === undefined) return `id: ${log.newestId}\n\n`;
      const { events, isIncomplete } = read();
      // No id, because a client that disconnects during these events must resume after the last one it got.
      const lost = isIncomplete ? this.#lostMessage(0, events.length === 0) : "\n";
      return `${lost}${events.map(eventMessage).join("")}`;
    });
  }

  /** Ends all streams. */
  [Symbol.dispose](): void {
    clearInterval(this.#heartbeat);
    this.#clients[Symbol.dispose]();
  }

  /** Creates the message about missing events; the number is 0 if unknown. */
  #lostMessage(count: number, hasId = true): string {
    const id = hasId ? this.#status.log.newestId : undefined;
    return messageText(eventJson({ type: "lost", count, at: Date.now() }), id);
  }
}

function eventMessage({ id, json }: Pick<StoredEvent, "id" | "json">): string {
  return messageText(json, id);
}
