/** Stream for the page: transitions as they come, and one summary per second. It never has all targets. */

import { renderChange, summaryMessage } from "../../page/live_messages.tsx";
import type { LoggedEvent } from "../../status/event_log.ts";
import type { Status } from "../../status/status.ts";
import type { Reply } from "../reply.ts";
import { Broadcast, messageText } from "./broadcast.ts";

const SUMMARY_MS = 1000;
/** Changes of one message, at most: after more the page is read again. */
const MAX_CHANGES = 50;

/** Sends changes and summaries to all pages that are open. */
export class PageStreams implements Disposable {
  readonly #status: Status;
  readonly #clients: Broadcast;
  readonly #timer: ReturnType<typeof setInterval>;
  #summary: string | undefined;
  #isSending = false;

  /**
   * @param status The targets.
   * @param maxClients How many pages may be open.
   */
  constructor(status: Status, maxClients: number) {
    this.#status = status;
    this.#clients = new Broadcast(maxClients, () => messageText("", undefined, "lost"));
    this.#timer = setInterval(() => void this.#sendSummary(), SUMMARY_MS);
    status.log.follow((events, lost) => {
      if (this.#clients.size > 0) void this.#sendChanges(events, lost);
    });
  }

  /**
   * Makes the reply of a page.
   *
   * @throws {HttpError} If too many pages are open.
   */
  async reply(): Promise<Reply> {
    this.#summary ??= await this.#readSummary();
    return this.#clients.reply(() => `\n${this.#summary}`);
  }

  /** Ends all streams. */
  [Symbol.dispose](): void {
    clearInterval(this.#timer);
    this.#clients[Symbol.dispose]();
  }

  async #sendSummary(): Promise<void> {
    if (this.#clients.size === 0) return void (this.#summary = undefined);
    // A snapshot of very many targets may take longer than a second.
    if (this.#isSending) return;
    this.#isSending = true;
    try {
      this.#summary = await this.#readSummary();
      this.#clients.send(this.#summary, 0);
    } finally {
      this.#isSending = false;
    }
  }

  async #readSummary(): Promise<string> {
    return messageText(summaryMessage(await this.#status.counts()), undefined, "summary");
  }

  async #sendChanges(events: readonly LoggedEvent[], lost: number): Promise<void> {
    const isCut = lost > 0 || events.length > MAX_CHANGES;
    const snapshot = await this.#status.snapshot();
    const changes = events.slice(-MAX_CHANGES).map((event) => renderChange(event, this.#status.monitor, snapshot));
    const message = JSON.stringify({ at: snapshot.at, changes, isCut });
    this.#clients.send(messageText(message, undefined, "changes"), events.length);
  }
}
