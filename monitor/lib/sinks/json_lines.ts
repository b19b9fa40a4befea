/**
 * A sink that writes each event as a line of JSON.
 *
 * ```ts ignore
 * import { Monitor } from "@tcp-shaker/monitor";
 * import { JsonLinesSink } from "@tcp-shaker/monitor/json-lines";
 *
 * await using monitor = await Monitor.start(["192.0.2.1:5432"]);
 * await using sink = new JsonLinesSink(Deno.stdout.writable);
 * for await (const event of monitor.events()) sink.take(event);
 * ```
 *
 * @module
 */

import { atMost } from "../at_most.ts";
import type { MonitorEvent } from "../event.ts";
import { eventJson } from "../event_json.ts";
import { SinkCounters } from "./counters.ts";
import { CLOSE_TIMEOUT_MS, type OnSinkFailure, type Sink, type SinkStatistics } from "./sink.ts";

export { eventJson } from "../event_json.ts";
export type { OnSinkFailure, Sink, SinkStatistics } from "./sink.ts";

/** Options of a {@linkcode JsonLinesSink}. */
export interface JsonLinesOptions {
  /** Called with a message when the stream fails. No further event is written. */
  readonly onFailure?: OnSinkFailure;
  /**
   * Time limit for writing queued events when the sink ends, in ms.
   *
   * @default {1000}
   */
  readonly closeTimeout?: number;
}

/** Maximum number of queued events. */
const QUEUE_EVENTS = 10_000;

/**
 * Writes events to a byte stream, in order. The queue holds up to 10,000 events while the stream is slow; then the
 * oldest are dropped. The stream is not closed.
 */
export class JsonLinesSink implements Sink {
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #options: JsonLinesOptions;
  #queue: MonitorEvent[] = [];
  #run: Promise<void> | undefined;
  #isBroken = false;
  readonly #counters = new SinkCounters();

  /**
   * Creates the sink.
   *
   * @param stream The stream for the lines.
   * @param options The failure handler, and a time limit.
   */
  constructor(stream: WritableStream<Uint8Array>, options: JsonLinesOptions = {}) {
    this.#writer = stream.getWriter();
    this.#options = options;
  }

  take(event: MonitorEvent): void {
    if (this.#isBroken) {
      this.#counters.dropped++;
      return;
    }
    this.#queue.push(event);
    if (this.#queue.length > QUEUE_EVENTS) {
      this.#queue.shift();
      this.#counters.dropped++;
    }
    this.#run ??= this.#write().finally(() => this.#run = undefined);
  }

  statistics(): SinkStatistics {
    return this.#counters.statistics(this.#queue.length);
  }

  /** Waits until the events are written, up to the time limit. */
  async [Symbol.asyncDispose](): Promise<void> {
    await atMost(this.#options.closeTimeout ?? CLOSE_TIMEOUT_MS, this.#run);
    this.#writer.releaseLock();
  }

  async #write(): Promise<void> {
    const encoder = new TextEncoder();
    try {
      while (this.#queue.length > 0) {
        const events = this.#queue;
        this.#queue = [];
        const lines = events.map((event) => `${eventJson(event)}\n`).join("");
        await this.#writer.write(encoder.encode(lines));
        this.#counters.delivered += events.length;
      }
    } catch (error) {
      this.#isBroken = true;
      this.#counters.failed++;
      this.#counters.dropped += this.#queue.length;
      this.#queue = [];
      this.#options.onFailure?.(`Cannot write events: ${(error as Error).message}`);
    }
  }
}
