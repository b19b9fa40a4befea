/**
 * Result queue of all native engines of this isolate.
 *
 * A thread of Deno's pool blocks in `shaker_wait()` until results are available. Then the JavaScript thread fetches them.
 * No foreign thread calls into JavaScript, because Deno frees a callback when the isolate ends, by a worker's terminate()
 * or by an uncaught error, and a call of a freed callback crashes the process. One wait serves all engines, because the
 * pool has only 32 threads.
 *
 * While the program keeps all threads of the pool busy, no thread runs the wait. A watchdog timer detects this, and fetches
 * results until a thread is free.
 */

import { shaker_close, shaker_has_waiter, shaker_open, shaker_ring, shaker_take, shaker_wait } from "./bindings.ts";
import { readEngine, RESULT_SIZE } from "./result_record.ts";

/** Receiver of result records. It must not throw, nor keep the buffer, which is reused after the call. */
export type Receive = (results: DataView, at: number) => void;

/** Maximum number of results fetched by one call. */
const BATCH_RESULTS = 512;

/**
 * Number of deliveries by the waiting thread before `setImmediate()` replaces it. `setImmediate()` is faster, but its first
 * call takes Deno 4 ms, about as long as this number of deliveries by the thread.
 */
const DELIVERIES_BY_THREAD = 64;

/**
 * Periods of the watchdog in ms: `first` until it verifies that a wait has a thread, `next` while the wait has none. The
 * first one is long, because a monitor has a wait per batch of results, and a timer per batch took 5 % of its CPU time.
 */
const WATCHDOG_MS = { first: 100, next: 10 };

let shared: Outbox | undefined;

/** Result queue, open while engines use it. */
export class Outbox {
  /** The native handle, with which engines are started. */
  readonly handle: number;
  readonly #bytes = new Uint8Array(BATCH_RESULTS * RESULT_SIZE);
  readonly #results = new DataView(this.#bytes.buffer);
  readonly #receivers = new Map<number, Receive>();
  /** Reference count of the wait for results. */
  #references = 0;
  /** The number of references that the next delivery drops. */
  #deliveriesDue = 0;
  #deliveriesByThread = 0;
  #listening: Promise<void> | undefined;
  /** Whether a wait for results is pending, on a thread or queued for a thread. */
  #waiting = false;
  #watchdog: AbortSignal | undefined;

  private constructor() {
    this.handle = shaker_open();
    if (this.handle <= 0) {
      throw new Error("Cannot open the outbox of the native engines: it panicked, please report the message on stderr");
    }
  }

  /** The outbox that all engines of this isolate share. */
  static get shared(): Outbox {
    return shared ??= new Outbox();
  }

  /** Registers the receiver of an engine's results. */
  add(engine: number, receive: Receive): void {
    this.#receivers.set(engine, receive);
  }

  /** Unregisters an engine that has ended. Closes the outbox after the last engine. */
  async remove(engine: number): Promise<void> {
    this.#receivers.delete(engine);
    await this.closeIfUnused();
  }

  /** Closes the outbox if it has no engine. */
  async closeIfUnused(): Promise<void> {
    if (this.#receivers.size > 0 || this !== shared) return;
    shared = undefined;
    await this.#listening;
    shaker_close(this.handle);
  }

  /** Adds a reference to the wait for results. While there are references, results are delivered and the process lives. */
  retain(): void {
    this.#references++;
    this.#listening ??= this.#listen();
  }

  /** Drops a reference. Without references the wait ends. */
  release(): void {
    this.#references--;
    if (this.#references === 0 && this.#waiting) shaker_ring(this.handle);
  }

  /** Delivers available results in the next turn of the event loop, so that timers and other events run in between. */
  deliverSoon(): void {
    if (this.#deliveriesByThread === DELIVERIES_BY_THREAD) {
      setImmediate(() => this.#deliver());
      return;
    }
    this.#deliveriesByThread++;
    this.#deliveriesDue++;
    this.retain();
    shaker_ring(this.handle);
  }

  async #listen(): Promise<void> {
    while (this.#references > 0) {
      this.#waiting = true;
      this.#armWatchdog(WATCHDOG_MS.first);
      await shaker_wait(this.handle);
      this.#waiting = false;
      this.#references -= this.#deliveriesDue;
      this.#deliveriesDue = 0;
      this.#deliver();
    }
    this.#listening = undefined;
    // A timeout signal with a listener keeps the process alive.
    this.#watchdog?.removeEventListener("abort", this.#onWatchdog);
    this.#watchdog = undefined;
  }

  /**
   * Arms the watchdog timer, unless it is armed. One timer serves all waits that begin before it fires.
   *
   * The timer is a timeout signal, because the first `setTimeout()` of a process loads Node's timers, which takes as long as
   * the import of the whole package.
   */
  #armWatchdog(period: number): void {
    if (this.#watchdog !== undefined) return;
    this.#watchdog = AbortSignal.timeout(period);
    this.#watchdog.addEventListener("abort", this.#onWatchdog);
  }

  readonly #onWatchdog = (): void => {
    this.#watchdog = undefined;
    if (!this.#waiting || shaker_has_waiter(this.handle) !== 0) return;
    this.#deliver();
    this.#armWatchdog(WATCHDOG_MS.next);
  };

  #deliver(): void {
    while (this.#fetch() === BATCH_RESULTS);
  }

  #fetch(): number {
    const count = shaker_take(this.handle, this.#bytes);
    for (let i = 0; i < count; i++) {
      const at = i * RESULT_SIZE;
      // Late results of a stopped engine have no receiver.
      this.#receivers.get(readEngine(this.#results, at))?.(this.#results, at);
    }
    return count;
  }
}
