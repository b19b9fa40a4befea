/**
 * The only door to engines of the native side: behind it are the outbox, the records, and what a refusal means.
 *
 * Calls of one turn go down as one batch; finished checks come up as one batch.
 */

import { shaker_cancel, shaker_start, shaker_stop, shaker_submit, shaker_window } from "./bindings.ts";
import { ChecksById } from "./checks_by_id.ts";
import type { Engine, EngineFailure, Pending } from "../engine.ts";
import { errnoName } from "../errno.ts";
import { END } from "./layout.ts";
import type { ResolvedOptions } from "../options.ts";
import { Outbox } from "./outbox.ts";
import {
  configRecord,
  type NativeOptions,
  readEnded,
  readId,
  readMore,
  readResult,
  requestSize,
  writeRequest,
} from "./record.ts";
import { refusalOf } from "./refusal.ts";

/** Room for some thousand requests; a larger batch goes down in pieces. */
const BATCH_SIZE = 64 * 1024;

/** An engine that runs on a thread of the library's. */
export class NativeEngine implements Engine {
  readonly name: NativeOptions["kind"];
  readonly window: number;
  readonly rate?: number;
  readonly #handle: number;
  readonly #outbox: Outbox;
  readonly #ended = Promise.withResolvers<EngineFailure | undefined>();
  readonly #pending = new ChecksById();
  readonly #bytes = new Uint8Array(BATCH_SIZE);
  readonly #view = new DataView(this.#bytes.buffer);
  #used = 0;
  #closing = false;
  /** Why there will be no more results, once there won't. */
  #failure: { readonly reason: unknown } | undefined;
  /** Whether the process is to live for the engine's sake, even with nothing pending. */
  #held = true;
  /** Whether results are waited for, which is what keeps the process alive. */
  #waiting = false;

  /**
   * Starts an engine. The library must be loaded.
   *
   * @param options What it is to be.
   * @throws {Refusal} If the system has no such sockets.
   * @throws {Error} If it has no threads or descriptors left.
   */
  constructor(options: NativeOptions) {
    const outbox = Outbox.shared;
    const handle = shaker_start(outbox.handle, configRecord(options));
    if (handle <= 0) {
      outbox.remove(handle);
      throw refusalOf(handle, options) ?? endError("start", handle === END.panicked ? handle : -handle);
    }
    this.window = shaker_window(handle);
    if (options.kind === "raw") this.rate = options.rate;
    this.#handle = handle;
    this.name = options.kind;
    this.#outbox = outbox;
    outbox.add(handle, (results, at) => this.#receive(results, at));
    this.#updateWaiting();
  }

  get ended(): Promise<EngineFailure | undefined> {
    return this.#ended.promise;
  }

  hold(held: boolean): void {
    this.#held = held;
    this.#updateWaiting();
  }

  /** Starts a check, which goes down at the end of the current turn. */
  submit(pending: Pending, options: ResolvedOptions): void {
    if (this.#failure !== undefined) {
      // Whoever took the engine before it was stopped may have it still.
      const { reason } = this.#failure;
      queueMicrotask(() => pending.fail(reason));
      return;
    }
    const size = requestSize(pending.endpoint);
    if (this.#used + size > BATCH_SIZE) this.#flush();
    if (this.#used === 0) queueMicrotask(() => this.#flush());
    writeRequest(this.#view, this.#used, this.#pending.add(pending), pending.endpoint, options);
    this.#used += size;
  }

  cancel(pending: Pending): void {
    if (!this.#pending.delete(pending)) return;
    this.#flush();
    shaker_cancel(this.#handle, pending.id);
    this.#updateWaiting();
  }

  stop(reason: unknown): void {
    this.#failAll(reason);
    this.#close();
  }

  #flush(): void {
    if (this.#used === 0) return;
    const batch = this.#bytes.subarray(0, this.#used);
    this.#used = 0;
    if (this.#closing) return;
    const answered = shaker_submit(this.#handle, batch);
    if (answered > 0) this.#outbox.deliverSoon();
    else if (answered < 0) this.#close(endError("run", answered));
    else if (!this.#waiting) this.#updateWaiting();
  }

  #receive(results: DataView, at: number): void {
    if (readEnded(results, at)) {
      this.#close();
      return;
    }
    const pending = this.#pending.get(readId(results, at));
    // Cancelled in the meantime.
    if (pending === undefined) return;
    const more = readMore(results, at);
    if (!more) this.#pending.delete(pending);
    pending.settle(readResult(results, at, pending, this.name), more);
    if (this.#pending.size === 0) this.#updateWaiting();
  }

  async #close(failure?: Error): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const code = await shaker_stop(this.#handle);
    if (this.#waiting) this.#outbox.release();
    await this.#outbox.remove(this.#handle);
    const error = failure ?? (code === END.stopped ? undefined : endError("run", code));
    this.#ended.resolve(error && { error, delivered: this.#failAll(error) });
  }

  /** Fails the pending checks. Tells whether there were any. */
  #failAll(reason: unknown): boolean {
    this.#failure ??= { reason };
    const checks = this.#pending.clear();
    for (const check of checks) check.fail(reason);
    return checks.length > 0;
  }

  #updateWaiting(): void {
    const wanted = this.#held || this.#pending.size > 0;
    if (wanted === this.#waiting || this.#closing) return;
    this.#waiting = wanted;
    if (wanted) this.#outbox.hold();
    else this.#outbox.release();
  }
}

function endError(action: string, code: number): Error {
  switch (code) {
    case END.panicked:
      return new Error(`Cannot ${action} the native engine: it panicked, please report what it printed`);
    case END.unknownHandle:
      return new Error(`Cannot ${action} the native engine: it is gone`);
    default:
      return new Error(`Cannot ${action} the native engine: ${errnoName(code)}`);
  }
}
