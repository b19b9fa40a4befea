/** History of a monitor: a recorder on the monitor's thread, a write queue, and a store in a worker. */

import { atMost } from "../at_most.ts";
import { type Clock, SYSTEM_CLOCK } from "../clock.ts";
import type { MonitorObserver } from "../observer.ts";
import type { StateSource } from "../state_source.ts";
import type { TargetState } from "../target_state.ts";
import { BatchQueue } from "./batch_queue.ts";
import type { CountedResults } from "./counted_results.ts";
import { withDeadline } from "./deadline.ts";
import type { HistoryRequest, Opened } from "./messages.ts";
import type {
  EventQuery,
  HistoryReader,
  HistoryStatus,
  SeriesPoint,
  SeriesQuery,
  StoredEvent,
  UptimeQuery,
} from "./reader.ts";
import { Recorder } from "./recorder.ts";
import { type HistoryLimits, resolveLimits } from "./retention.ts";
import type { Uptime } from "./uptime.ts";
import { WorkerStore } from "./worker_store.ts";

/** Time limit of the last write, in ms, because an agent must end within 2 s. */
const END_TIMEOUT = 1000;

/** Time limit of a read, in ms. */
const READ_TIMEOUT = 3000;

/** Options of {@linkcode History.open}. */
export interface HistoryOptions extends HistoryLimits {
  /** The path of the file. It is created if it doesn't exist; its folder must be writable. */
  readonly file: string;
  /**
   * Whether it is an error if the file can't be opened at the start. Otherwise no states are restored, and writing is
   * retried.
   *
   * @default {false}
   */
  readonly isRequired?: boolean;
}

/** History of a monitor. Failures of the file are reported, and do not stop the monitor. */
export class History implements HistoryReader, AsyncDisposable {
  /** Number of the monitor's start, greater with each start. Ids of events begin with it. */
  readonly boot: number;
  /** The stored states of the last monitor, for the option `restore`. */
  readonly states: readonly TargetState[];
  /** The `position` of the last results that {@linkcode History.addResults} stored before this start. */
  readonly position: number | undefined;
  readonly #store: WorkerStore;
  readonly #queue: BatchQueue;
  readonly #recorder: Recorder;

  private constructor(store: WorkerStore, queue: BatchQueue, recorder: Recorder, boot: number, opened: Opened) {
    this.#store = store;
    this.#queue = queue;
    this.#recorder = recorder;
    this.boot = boot;
    this.states = opened.states;
    this.position = opened.position;
  }

  /**
   * Opens a file.
   *
   * @param options The file and its limits.
   * @param onMessage Called when the file becomes unusable, and when it is usable again.
   * @param clock The monitor's clock.
   * @returns The history.
   * @throws {Error} If the file is required and can't be opened.
   */
  static async open(
    options: HistoryOptions,
    onMessage: (message: string) => void,
    clock: Clock = SYSTEM_CLOCK,
  ): Promise<History> {
    const { file, isRequired = false } = options;
    const store = new WorkerStore(file);
    const queue = new BatchQueue(file, store, clock, onMessage);
    let opened: Opened = { states: [], lastBoot: 0 };
    try {
      opened = await store.ask<Opened>({ type: "open", file, limits: resolveLimits(options) });
    } catch (error) {
      if (isRequired) {
        store[Symbol.dispose]();
        throw error;
      }
      queue.fail(error as Error);
    }
    const boot = Math.max(clock.date(), opened.lastBoot + 1);
    // Errors are ignored here: if the worker can't run, each write fails with the reason.
    await store.ask({ type: "start", boot }).catch(() => {});
    return new History(store, queue, new Recorder(clock, (batch) => queue.add(batch)), boot, opened);
  }

  /** The observer for the monitor. */
  get observer(): MonitorObserver {
    return this.#recorder;
  }

  /**
   * Starts recording. Call it right after the start of the monitor, in the same turn of the event loop.
   *
   * @param states The states of the targets.
   * @param isComplete Whether these are all targets. If not, the stored states of others are kept until
   * {@linkcode History.complete}.
   */
  begin(states: StateSource, isComplete = true): void {
    this.#recorder.begin(states, isComplete);
  }

  /** Deletes the stored states of targets that the monitor doesn't have. */
  complete(): void {
    this.#recorder.complete();
  }

  /**
   * Adds results that another program has counted. Results before {@linkcode History.begin} are ignored.
   *
   * @param results The results of one minute, or of a part of the targets in it.
   * @returns Resolves when there is room for more; results added earlier may be dropped. While the file can't be
   * written it resolves at once, and the oldest results are dropped when too many wait.
   */
  async addResults(results: CountedResults): Promise<void> {
    this.#recorder.addResults(results);
    await this.#recorder.settled();
    await this.#queue.room();
  }

  /**
   * Pauses the history while the states are unknown, as in a disconnected hub. The pause is a gap, which belongs to no
   * state.
   */
  pause(): void {
    this.#recorder.setPaused(true);
  }

  /** Ends a pause. */
  resume(): void {
    this.#recorder.setPaused(false);
  }

  /** The state of the store. */
  status(): HistoryStatus {
    return this.#queue.status();
  }

  /** Reads events. */
  events(query: EventQuery): Promise<StoredEvent[]> {
    return this.#read({ type: "events", query });
  }

  /** Returns whether an event and the 10,000 after it are all stored. */
  hasAllAfter(id: string): Promise<boolean> {
    return this.#read({ type: "hasAllAfter", id, boot: this.boot });
  }

  /** Reads the series of a target. */
  series(id: string, query: SeriesQuery): Promise<SeriesPoint[]> {
    return this.#read({ type: "series", id, query });
  }

  /** Adds up the time that targets were in each state. */
  uptime(query: UptimeQuery): Promise<Map<string, Uptime>> {
    return this.#read({ type: "uptime", query });
  }

  /** Waits until a write of all ended minutes, and of all events older than a second, has succeeded or failed. */
  async settled(): Promise<void> {
    await this.#recorder.settled();
    await this.#queue.settled();
  }

  /** Writes the remaining rows, and closes the file. Call it after the end of the monitor. */
  async [Symbol.asyncDispose](): Promise<void> {
    await atMost(END_TIMEOUT, this.#recorder.end().then(() => this.#queue.end()));
    this.#store[Symbol.dispose]();
  }

  #read<Value>(request: HistoryRequest): Promise<Value> {
    return withDeadline(READ_TIMEOUT, this.#store.ask(request));
  }
}
