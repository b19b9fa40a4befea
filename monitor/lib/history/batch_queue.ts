/** Write queue of batches: writes them in order, and retries after a failure. */

import type { Clock } from "../clock.ts";
import { type Batch, MINUTE_FIELDS } from "./batch.ts";
import type { Written } from "./messages.ts";
import type { HistoryStatus } from "./reader.ts";
import type { WorkerStore } from "./worker_store.ts";

/** Delay of a retry, in ms. */
const RETRY = 5000;
/** Maximum number of queued batches, and of numbers in them: 64 MiB, or half an hour of 10,000 targets. */
const MAX_BATCHES = 2000;
const MAX_NUMBERS = 2 ** 23;

/** Write queue of a store. The oldest batches are dropped when it is full. */
export class BatchQueue {
  readonly #file: string;
  readonly #store: WorkerStore;
  readonly #clock: Clock;
  readonly #onMessage: (message: string) => void;
  #batches: Batch[] = [];
  #numbers = 0;
  #writing: Promise<void> | undefined;
  /** Resolves when a batch leaves the queue, or a write fails. */
  #progress: PromiseWithResolvers<void> | undefined;
  #cancelRetry: (() => void) | undefined;
  #problem: string | undefined;
  #failures = 0;
  #dropped = 0;
  #size = 0;
  #writtenAt: number | undefined;

  /**
   * @param file The path, for the status.
   * @param store The store.
   * @param clock The clock of the retries.
   * @param onMessage Called when writing starts to fail, and when it succeeds again.
   */
  constructor(file: string, store: WorkerStore, clock: Clock, onMessage: (message: string) => void) {
    this.#file = file;
    this.#store = store;
    this.#clock = clock;
    this.#onMessage = onMessage;
  }

  /** Queues a batch. Drops the oldest batches if the queue is full. */
  add(batch: Batch): void {
    this.#batches.push(batch);
    this.#numbers += numbersOf(batch);
    while (this.#batches.length > MAX_BATCHES || this.#numbers > MAX_NUMBERS) {
      // The first batch may be in flight to the worker.
      const index = this.#writing === undefined ? 0 : 1;
      if (this.#batches.length <= index + 1) break;
      this.#drop(index);
    }
    if (this.#cancelRetry === undefined) this.#write();
  }

  /** Waits until the queue is at most half full, or the file can't be written. */
  async room(): Promise<void> {
    while (this.#problem === undefined && (2 * this.#numbers > MAX_NUMBERS || 2 * this.#batches.length > MAX_BATCHES)) {
      this.#progress ??= Promise.withResolvers();
      await this.#progress.promise;
    }
  }

  /** Counts a failure, and reports it unless the previous one had the same message. */
  fail({ message }: Error): void {
    this.#failures++;
    if (message !== this.#problem) this.#onMessage(`${message}. Checks continue without a history`);
    this.#problem = message;
    this.#wake();
  }

  /** The state of the store. */
  status(): HistoryStatus {
    return {
      file: this.#file,
      ...this.#problem !== undefined && { problem: this.#problem },
      failures: this.#failures,
      dropped: this.#dropped,
      size: this.#size,
      ...this.#writtenAt !== undefined && { writtenAt: this.#writtenAt },
    };
  }

  /** Waits until all batches are written, or a write has failed. */
  async settled(): Promise<void> {
    await this.#writing;
  }

  /** Tries once more to write the queued batches, reports what could not be written, and closes the store. */
  async end(): Promise<void> {
    this.#cancelRetry?.();
    this.#write();
    await this.#writing;
    this.#cancelRetry?.();
    const lost = this.#batches.reduce((sum, batch) => sum + rowsOf(batch), 0);
    if (lost > 0) {
      this.#onMessage(`${lost} events and minutes of targets were not written to the history: ${this.#problem}`);
    }
    await this.#store.ask({ type: "close" }).catch(() => {});
  }

  #write(): void {
    this.#cancelRetry = undefined;
    if (this.#batches.length > 0) this.#writing ??= this.#writeAll();
  }

  async #writeAll(): Promise<void> {
    while (this.#batches.length > 0) {
      if (await this.#writeFirst(this.#batches[0])) continue;
      this.#cancelRetry = this.#clock.at(this.#clock.now() + RETRY, () => this.#write());
      break;
    }
    this.#writing = undefined;
  }

  async #writeFirst(batch: Batch): Promise<boolean> {
    try {
      const { size } = await this.#store.ask<Written>({ type: "write", batch });
      this.#batches.shift();
      this.#remove(batch);
      this.#size = size;
      this.#writtenAt = this.#clock.date();
      if (this.#problem !== undefined) this.#onMessage(`The history is written to ${this.#file} again`);
      this.#problem = undefined;
      return true;
    } catch (error) {
      this.fail(error as Error);
      return false;
    }
  }

  /** Drops a batch, but moves its names to the next one, which needs them. */
  #drop(index: number): void {
    const [batch] = this.#batches.splice(index, 1);
    this.#remove(batch);
    this.#dropped += rowsOf(batch);
    const next = this.#batches[index];
    next.names = [...batch.names, ...next.names];
  }

  #remove(batch: Batch): void {
    this.#numbers -= numbersOf(batch);
    this.#wake();
  }

  #wake(): void {
    this.#progress?.resolve();
    this.#progress = undefined;
  }
}

/** Size of a batch, in numbers. An event counts as much as its text may take. */
function numbersOf(batch: Batch): number {
  return batch.states.length + minuteNumbers(batch) + 128 * batch.events.length;
}

/** Number of events and rows of minutes in a batch. */
function rowsOf(batch: Batch): number {
  return batch.events.length + minuteNumbers(batch) / MINUTE_FIELDS;
}

function minuteNumbers({ minutes, counted }: Batch): number {
  return counted.reduce((sum, { rows }) => sum + rows.length, minutes?.rows.length ?? 0);
}
