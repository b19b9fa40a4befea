/** Event batches of an agent: events of its monitor in order, for the outbox. */

import type { MonitorObserver, PublishedEvent } from "@tcp-shaker/monitor";
import { MAX_MESSAGE_BYTES } from "../protocol/limits.ts";
import { eventsSubject } from "../protocol/subjects.ts";
import type { Outbox, OutgoingMessage } from "./outbox.ts";

/** Maximum bytes of events per batch. Batches are used, because 100 events cost the server as much as one. */
const BATCH_BYTES = 64 * 1024;
/** Maximum bytes of the other fields of a batch. */
const FRAME_BYTES = 256;

/**
 * Observer of a monitor that collects its events in batches, without `added` and `removed`, because targets that move
 * between agents have not changed for the fleet.
 */
export class EventBatches implements MonitorObserver {
  readonly #agent: string;
  readonly #boot: string;
  readonly #outbox: Outbox;
  #events: PublishedEvent[] = [];
  /** Number of events that exceed the size limit of a message. */
  #tooLarge = 0;

  /**
   * @param agent The agent's name.
   * @param boot The boot id of the process.
   * @param outbox The queue for the batches.
   */
  constructor(agent: string, boot: string, outbox: Outbox) {
    this.#agent = agent;
    this.#boot = boot;
    this.#outbox = outbox;
  }

  checked(): void {}

  published(event: PublishedEvent): void {
    if (event.type !== "added" && event.type !== "removed") this.#events.push(event);
  }

  /** The number of events that were dropped. */
  get dropped(): number {
    return this.#outbox.dropped.event + this.#tooLarge;
  }

  /** Moves the collected events into the outbox. */
  flush(): void {
    if (this.#events.length === 0) return;
    const events = this.#events;
    this.#events = [];
    this.#outbox.append([...this.#batches(events)]);
  }

  *#batches(events: readonly PublishedEvent[]): Generator<OutgoingMessage> {
    let texts: Uint8Array[] = [];
    let bytes = 0;
    for (const event of events) {
      const text = new TextEncoder().encode(JSON.stringify(event));
      if (text.length > MAX_MESSAGE_BYTES - FRAME_BYTES) {
        this.#tooLarge++;
        continue;
      }
      if (bytes > 0 && bytes + text.length > BATCH_BYTES) {
        yield this.#batch(texts);
        [texts, bytes] = [[], 0];
      }
      texts.push(text);
      bytes += text.length + 1;
    }
    if (texts.length > 0) yield this.#batch(texts);
  }

  #batch(texts: readonly Uint8Array[]): OutgoingMessage {
    const head = `{"boot":${JSON.stringify(this.#boot)},"dropped":${this.dropped},"events":[`;
    return {
      kind: "event",
      subject: eventsSubject(this.#agent),
      count: texts.length,
      body: joined(head, texts, "]}"),
    };
  }
}

/** Joins JSON texts by commas. */
function joined(head: string, texts: readonly Uint8Array[], tail: string): Uint8Array {
  const encoder = new TextEncoder();
  const parts = [encoder.encode(head), ...texts.flatMap((text, i) => i === 0 ? [text] : [COMMA, text])];
  parts.push(encoder.encode(tail));
  const all = new Uint8Array(parts.reduce((size, { length }) => size + length, 0));
  let offset = 0;
  for (const part of parts) {
    all.set(part, offset);
    offset += part.length;
  }
  return all;
}

const COMMA = new TextEncoder().encode(",");
