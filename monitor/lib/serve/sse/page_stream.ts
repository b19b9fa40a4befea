/** Event stream for pages: transitions at once, and one summary per second, but never all targets. */

import { renderChange, summaryMessage } from "../../page/live_messages.tsx";
import type { LoggedEvent } from "../../status/event_log.ts";
import { LiveFleet } from "../../status/live_fleet.ts";
import type { Status } from "../../status/status.ts";
import type { Reply } from "../http/reply.ts";
import { Broadcast, messageText } from "./broadcast.ts";

const SUMMARY_MS = 1000;
/** Maximum number of changes in a message. After more changes the page reloads. */
const MAX_CHANGES = 50;

/** Sends changes and summaries to all open pages. */
export class PageStreams implements Disposable {
  readonly #status: Status;
  readonly #fleet: LiveFleet;
  readonly #clients: Broadcast;
  readonly #timer: ReturnType<typeof setInterval>;
  /** When a summary was last sent. Changes include a summary, because each write to a client costs CPU time. */
  #sentAt = 0;

  /**
   * @param status The targets.
   * @param maxClients The maximum number of open pages.
   */
  constructor(status: Status, maxClients: number) {
    this.#status = status;
    this.#fleet = new LiveFleet(status);
    this.#clients = new Broadcast(maxClients, () => messageText("", undefined, "lost"));
    this.#timer = setInterval(() => void this.#sendSummary(), SUMMARY_MS);
    status.log.follow((events, lost) => {
      if (this.#clients.size > 0) void this.#sendChanges(events, lost);
    });
  }

  /**
   * Creates the reply to a page.
   *
   * @throws {HttpError} If too many pages are open.
   */
  async reply(): Promise<Reply> {
    await this.#fleet.refresh();
    return this.#clients.reply(() => `\n${this.#summary()}`);
  }

  /** Ends all streams. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clients[Symbol.dispose]();
  }

  async #sendSummary(): Promise<void> {
    if (this.#clients.size === 0) return this.#fleet.forget();
    if (performance.now() - this.#sentAt < SUMMARY_MS / 2) return;
    await this.#fleet.refresh();
    this.#send("", 0);
  }

  async #sendChanges(events: readonly LoggedEvent[], lost: number): Promise<void> {
    if (lost > 0) this.#fleet.forget();
    await this.#fleet.refresh();
    this.#fleet.apply(events);
    const changes = events.slice(-MAX_CHANGES).map((event) => renderChange(event, this.#status.monitor, this.#fleet));
    const isCut = lost > 0 || events.length > MAX_CHANGES;
    const changedAt = events.reduce((newest, { at }) => Math.max(newest, at), 0);
    const message = JSON.stringify({ at: Date.now(), changedAt, changes, isCut });
    this.#send(messageText(message, undefined, "changes"), events.length);
  }

  #summary(): string {
    return messageText(summaryMessage(this.#fleet.counts), undefined, "summary");
  }

  /** Sends a message and the summary, in one write to each client. */
  #send(message: string, events: number): void {
    this.#sentAt = performance.now();
    this.#clients.send(`${message}${this.#summary()}`, events);
  }
}
