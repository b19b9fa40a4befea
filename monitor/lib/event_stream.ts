/** Broadcast of events to any number of readers, each with a bounded queue. */

import { quote } from "@tcp-shaker/tcp-shaker/quote";
import type { EventsLost, MonitorEvent, PublishedEvent, UnnumberedEvent } from "./event.ts";
import type { MonitorObserver } from "./observer.ts";
import { addUnknownOptions, Problems } from "./problems.ts";

/** Maximum length of a reader's queue. */
const QUEUE_EVENTS = 10_000;

/** Numbers events, and sends them to all readers. */
export class EventStream {
  readonly #observers: readonly MonitorObserver[];
  readonly #readers = new Set<EventReader>();
  #sequence = 0;
  #ended = false;
  #dropped = 0;

  /**
   * Creates a stream without readers.
   *
   * @param observers Called with each event before the readers.
   */
  constructor(observers: readonly MonitorObserver[] = []) {
    this.#observers = observers;
  }

  /** Number of events dropped because of slow readers, over all readers. */
  get dropped(): number {
    return this.#dropped;
  }

  /** Numbers an event, and sends it to all readers. */
  publish(event: UnnumberedEvent): void {
    const sequence = ++this.#sequence;
    if (this.#readers.size === 0 && this.#observers.length === 0) return;
    const numbered = { ...event, sequence } as PublishedEvent;
    for (const observer of this.#observers) observer.published(numbered);
    for (const reader of this.#readers) {
      if (reader.push(numbered)) this.#dropped++;
    }
  }

  /** Opens a reader. It gets the events that are published from now on. */
  open(options: { readonly signal?: AbortSignal } = {}): EventReader {
    const signal = signalOf(options);
    signal?.throwIfAborted();
    const reader = new EventReader((reader) => this.#readers.delete(reader), signal);
    if (this.#ended) reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  /** Ends all readers, each after its queued events. */
  end(): void {
    this.#ended = true;
    for (const reader of this.#readers) reader.end();
    this.#readers.clear();
  }
}

/** Reader of events, an async iterator. Leaving the loop closes the reader. */
export class EventReader implements AsyncIterableIterator<MonitorEvent> {
  readonly #onClose: (reader: EventReader) => void;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = () => this.#close();
  #queue: PublishedEvent[] = [];
  #lost: EventsLost | undefined;
  /** Resolves at the next event. Reading an empty queue waits for this promise. */
  #news: PromiseWithResolvers<void> | undefined;
  #isEnded = false;

  /**
   * Creates a reader.
   *
   * @param onClose Called when the reader is closed.
   * @param signal Closes the reader: reading rejects with the signal's reason.
   */
  constructor(onClose: (reader: EventReader) => void, signal: AbortSignal | undefined) {
    this.#onClose = onClose;
    this.#signal = signal;
    signal?.addEventListener("abort", this.#onAbort, { once: true });
  }

  /**
   * Queues an event.
   *
   * @returns Whether an older event was dropped.
   */
  push(event: PublishedEvent): boolean {
    this.#queue.push(event);
    this.#wake();
    if (this.#queue.length <= QUEUE_EVENTS) return false;
    const { at } = this.#queue.shift()!;
    this.#lost = { type: "lost", count: (this.#lost?.count ?? 0) + 1, at: this.#lost?.at ?? at };
    return true;
  }

  /** Ends the iteration after the queued events. */
  end(): void {
    this.#isEnded = true;
    this.#signal?.removeEventListener("abort", this.#onAbort);
    this.#wake();
  }

  /** Waits for the next event. */
  async next(): Promise<IteratorResult<MonitorEvent, undefined>> {
    while (true) {
      this.#signal?.throwIfAborted();
      const value = this.#take();
      if (value !== undefined) return { done: false, value };
      if (this.#isEnded) return { done: true, value: undefined };
      this.#news ??= Promise.withResolvers();
      await this.#news.promise;
    }
  }

  /** Closes the reader, and drops its queued events. */
  return(): Promise<IteratorResult<MonitorEvent, undefined>> {
    this.#close();
    return Promise.resolve({ done: true, value: undefined });
  }

  /** Returns the reader itself. */
  [Symbol.asyncIterator](): this {
    return this;
  }

  #take(): MonitorEvent | undefined {
    const lost = this.#lost;
    this.#lost = undefined;
    return lost ?? this.#queue.shift();
  }

  #wake(): void {
    this.#news?.resolve();
    this.#news = undefined;
  }

  #close(): void {
    this.#queue = [];
    this.#lost = undefined;
    this.#onClose(this);
    this.end();
  }
}

/** Validates the options of a reader, and returns the signal. */
function signalOf(options: { readonly signal?: AbortSignal }): AbortSignal | undefined {
  // A signal in place of the options would be ignored, because it has no property `signal`.
  if (typeof options !== "object" || options === null || options instanceof AbortSignal) {
    throw new TypeError(`Cannot read events: options must be an object like { signal }, it is ${quote(options)}`);
  }
  const problems = new Problems();
  addUnknownOptions("events()", options, ["signal"], problems);
  const { signal } = options;
  if (signal !== undefined && !(signal instanceof AbortSignal)) {
    problems.add(`signal must be an AbortSignal, it is ${quote(signal)}`);
  }
  if (problems.messages.length > 0) throw new TypeError(`Cannot read events: ${problems.messages.join("; ")}`);
  return signal;
}
