/**
 * The results of all engines of this isolate, on their way up.
 *
 * A thread of Deno's pool waits for results; then we fetch them, on our own thread. No thread ever calls into JavaScript:
 * Deno frees a callback when the isolate ends, be it by a worker's terminate() or an uncaught error, and whoever was
 * about to call it would take the process down. One wait serves all engines, since the pool has no more than 32 threads.
 *
 * Where the program keeps all threads of the pool busy the wait has none. A watchdog timer notices that, and fetches
 * results itself until there is one.
 */

import { shaker_attended, shaker_close, shaker_open, shaker_ring, shaker_take, shaker_wait } from "./bindings.ts";
import { readEngine, RESULT_SIZE } from "./record.ts";

/** Takes a result, which is gone when this returns. It may not throw. */
export type Receive = (results: DataView, at: number) => void;

/** Results fetched at once. */
const ROOM = 512;

/**
 * How often the thread delivers what is there already. After that it's worth to have Deno load setImmediate, which is
 * quicker: that takes 4 ms, as long as the thread takes a hundred times.
 */
const FIRST_DELIVERIES = 64;

/** How long a wait may take to have a thread, in ms; and how often results are fetched while it has none. */
const PATIENCE = 10;

let shared: Outbox | undefined;

/** An outbox, open for as long as engines use it. */
export class Outbox {
  /** What engines are started with. */
  readonly handle: number;
  readonly #bytes = new Uint8Array(ROOM * RESULT_SIZE);
  readonly #results = new DataView(this.#bytes.buffer);
  readonly #receivers = new Map<number, Receive>();
  #holds = 0;
  /** Those of the holds that are good for one delivery. */
  #deliveriesDue = 0;
  #deliveriesAsked = 0;
  #listening: Promise<void> | undefined;
  /** Whether a wait for results is under way; a thread has it, or will. */
  #waiting = false;
  #watchdog: ReturnType<typeof setTimeout> | undefined;

  private constructor() {
    this.handle = shaker_open();
    if (this.handle <= 0) throw new Error("Cannot open the outbox of the native engines: it panicked");
  }

  /** The one that the engines of this isolate share. */
  static get shared(): Outbox {
    return shared ??= new Outbox();
  }

  /** Says where the results of an engine go. */
  add(engine: number, receive: Receive): void {
    this.#receivers.set(engine, receive);
  }

  /** Says that an engine has ended, and closes the outbox after the last one. */
  async remove(engine: number): Promise<void> {
    this.#receivers.delete(engine);
    if (this.#receivers.size > 0 || this !== shared) return;
    shared = undefined;
    await this.#listening;
    shaker_close(this.handle);
  }

  /** Says that somebody waits for results: they are delivered, and the process lives on. */
  hold(): void {
    this.#holds++;
    this.#listening ??= this.#listen();
  }

  /** Takes a hold back. */
  release(): void {
    this.#holds--;
    if (this.#holds === 0 && this.#waiting) shaker_ring(this.handle);
  }

  /** Delivers what is there already, in the next turn: timers and others have theirs in between. */
  deliverSoon(): void {
    if (this.#deliveriesAsked === FIRST_DELIVERIES) {
      setImmediate(() => this.#deliver());
      return;
    }
    this.#deliveriesAsked++;
    this.#deliveriesDue++;
    this.hold();
    shaker_ring(this.handle);
  }

  async #listen(): Promise<void> {
    while (this.#holds > 0) {
      this.#waiting = true;
      this.#watch();
      await shaker_wait(this.handle);
      this.#waiting = false;
      this.#holds -= this.#deliveriesDue;
      this.#deliveriesDue = 0;
      this.#deliver();
    }
    this.#listening = undefined;
    clearTimeout(this.#watchdog);
    this.#watchdog = undefined;
  }

  /** Sets the watchdog, unless it is set. A timer serves all waits that begin before it fires. */
  #watch(): void {
    if (this.#watchdog !== undefined) return;
    this.#watchdog = setTimeout(this.#onWatchdog, PATIENCE);
    // The wait keeps the process alive.
    Deno.unrefTimer(this.#watchdog);
  }

  readonly #onWatchdog = (): void => {
    this.#watchdog = undefined;
    if (!this.#waiting || shaker_attended(this.handle) !== 0) return;
    this.#deliver();
    this.#watch();
  };

  #deliver(): void {
    while (this.#fetch() === ROOM);
  }

  #fetch(): number {
    const count = shaker_take(this.handle, this.#bytes);
    for (let i = 0; i < count; i++) {
      const at = i * RESULT_SIZE;
      // Nobody wants what an engine found out before it was stopped.
      this.#receivers.get(readEngine(this.#results, at))?.(this.#results, at);
    }
    return count;
  }
}
