/**
 * The results of all engines of this isolate, on their way up.
 *
 * A thread of Deno's pool waits for results; then a callback gets all there are, on our own thread. No other thread ever
 * calls into JavaScript: Deno frees a callback when the isolate ends, be it by a worker's terminate() or an uncaught
 * error, and whoever was about to call it would take the process down. One wait serves all engines, since the pool has
 * no more than 32 threads.
 */

import { shaker_close, shaker_deliver, shaker_open, shaker_ring, shaker_wait } from "./bindings.ts";
import { readEngine, RESULT_SIZE } from "./record.ts";

/** Takes a result, which is gone when this returns. It may not throw. */
export type Receive = (results: DataView, at: number) => void;

const CALLBACK = { parameters: ["pointer", "u32"], result: "void" } as const;

let shared: Outbox | undefined;

/** An outbox, open for as long as engines use it. */
export class Outbox {
  /** What engines are started with. */
  readonly handle: number;
  readonly #callback: Deno.UnsafeCallback<typeof CALLBACK>;
  readonly #receivers = new Map<number, Receive>();
  #holds = 0;
  #listening: Promise<void> | undefined;
  /** Whether a thread waits for results now. */
  #waiting = false;

  private constructor() {
    this.handle = shaker_open();
    if (this.handle <= 0) throw new Error("Cannot open the outbox of the native engines: it panicked");
    this.#callback = new Deno.UnsafeCallback(CALLBACK, (records, count) => this.#receive(records!, count));
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
    this.#callback.close();
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

  async #listen(): Promise<void> {
    while (this.#holds > 0) {
      this.#waiting = true;
      await shaker_wait(this.handle);
      this.#waiting = false;
      shaker_deliver(this.handle, this.#callback.pointer);
    }
    this.#listening = undefined;
  }

  /** The records are gone when it returns. */
  #receive(records: Deno.PointerObject, count: number): void {
    const results = new DataView(Deno.UnsafePointerView.getArrayBuffer(records, count * RESULT_SIZE));
    for (let at = 0; at < results.byteLength; at += RESULT_SIZE) {
      // Nobody wants what an engine found out before it was stopped.
      this.#receivers.get(readEngine(results, at))?.(results, at);
    }
  }
}
