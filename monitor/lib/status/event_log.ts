/** Log of the latest events, in memory. */

import { eventJson } from "../event_json.ts";
import type { MonitorEvent, PublishedEvent } from "../event.ts";
import { parseEventId } from "../history/event_id.ts";

/** Maximum number of events in the log. */
const MAX_EVENTS = 10_000;
/** Events within this time, in ms, are passed to followers together. */
const BATCH_MS = 50;

/** An event with its id. */
export class LoggedEvent {
  /** The event. */
  readonly event: PublishedEvent;
  /** `boot-sequence`. */
  readonly id: string;
  #json: string | undefined;

  /**
   * @param event The event.
   * @param boot The boot number.
   */
  constructor(event: PublishedEvent, boot: number) {
    this.event = event;
    this.id = `${boot}-${event.sequence}`;
  }

  /** The wall clock of the event, in ms since 1970. */
  get at(): number {
    return this.event.at;
  }

  /** The event as JSON on one line, cached. */
  get json(): string {
    return this.#json ??= eventJson(this.event);
  }
}

/** Called with batches of new events. `lost` is the number of events missed by the log. */
export type Follower = (events: readonly LoggedEvent[], lost: number) => void;

/** Keeps the latest events of a monitor, and passes new events to its followers. */
export class EventLog implements AsyncDisposable {
  /** The boot number, with which ids of events begin. */
  readonly boot: number;
  readonly #followers = new Set<Follower>();
  readonly #events: AsyncIterableIterator<MonitorEvent>;
  readonly #pumping: Promise<void>;
  #kept: LoggedEvent[] = [];
  #batch: LoggedEvent[] = [];
  #lost = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #version = 0;

  /**
   * Starts to read the events of a monitor.
   *
   * @param events The events of the monitor from now on.
   * @param boot The boot number, which grows with each start of the monitor.
   */
  constructor(events: AsyncIterableIterator<MonitorEvent>, boot: number) {
    this.#events = events;
    this.boot = boot;
    this.#pumping = this.#pump();
  }

  /** Version of the log, which grows with each event. */
  get version(): number {
    return this.#version;
  }

  /** The id of the newest event; its sequence is 0 before the first event. */
  get newestId(): string {
    return this.#kept.at(-1)?.id ?? `${this.boot}-0`;
  }

  /** Lists the events in the log, oldest first. */
  events(): readonly LoggedEvent[] {
    return this.#kept;
  }

  /**
   * Lists the events after another one, oldest first.
   *
   * @param id The id of the other event.
   * @returns The events; `undefined` if later events may be missing.
   */
  after(id: string): readonly LoggedEvent[] | undefined {
    const [boot, sequence] = parseEventId(id) ?? [];
    if (boot !== this.boot || sequence === undefined) return undefined;
    const oldest = this.#kept[0]?.event.sequence ?? 1;
    const newest = this.#kept.at(-1)?.event.sequence ?? 0;
    if (sequence + 1 < oldest || sequence > newest) return undefined;
    return this.#kept.slice(this.#kept.length - (newest - sequence));
  }

  /** Passes each new batch of events to a follower. */
  follow(follower: Follower): void {
    this.#followers.add(follower);
  }

  /**
   * Passes pending events to the followers now. Call it before a new reader reads the log; otherwise the reader would
   * get these events twice.
   */
  flush(): void {
    clearTimeout(this.#timer);
    const [batch, lost] = [this.#batch, this.#lost];
    this.#timer = undefined;
    this.#batch = [];
    this.#lost = 0;
    if (batch.length === 0 && lost === 0) return;
    for (const follower of this.#followers) follower(batch, lost);
  }

  /** Ends the reading. */
  async [Symbol.asyncDispose](): Promise<void> {
    clearTimeout(this.#timer);
    this.#followers.clear();
    await this.#events.return?.();
    await this.#pumping;
  }

  async #pump(): Promise<void> {
    for await (const event of this.#events) {
      this.#version++;
      if (event.type === "lost") {
        // Clears the log, because ids after a gap would not be consecutive.
        this.#lost += event.count + this.#batch.length;
        this.#kept = [];
        this.#batch = [];
      } else {
        const logged = new LoggedEvent(event, this.boot);
        this.#kept.push(logged);
        if (this.#followers.size > 0) this.#batch.push(logged);
        // Removes many events at once, because each removal moves the rest.
        if (this.#kept.length >= MAX_EVENTS * 1.1) this.#kept = this.#kept.slice(-MAX_EVENTS);
      }
      if (this.#followers.size > 0) this.#timer ??= setTimeout(() => this.flush(), BATCH_MS);
    }
  }
}
