/**
 * Native engine: starts, stops and submits to an engine of the native library.
 *
 * The requests of one turn of the event loop are one batch. Results come back in batches too.
 */

import { shaker_cancel, shaker_start, shaker_stop, shaker_submit, shaker_window } from "./bindings.ts";
import { ChecksById } from "./checks_by_id.ts";
import type { Engine, EngineFailure, Pending } from "../engine.ts";
import { errnoName } from "../errno.ts";
import { END } from "./layout.ts";
import type { ResolvedOptions } from "../resolved_options.ts";
import { Outbox } from "./outbox.ts";
import { configRecord, type NativeOptions } from "./config_record.ts";
import { requestSize, writeRequest } from "./request_record.ts";
import { readEnded, readId, readMore, readResult } from "./result_record.ts";
import { startErrorOf } from "./start_error.ts";

/** Size of the request buffer in bytes: more than a thousand requests. A larger batch is submitted in parts. */
const BATCH_BYTES = 64 * 1024;

/** Engine that runs on threads of the native library. */
export class NativeEngine implements Engine {
  readonly name: NativeOptions["kind"];
  readonly window: number;
  readonly rate?: number;
  readonly #handle: number;
  readonly #outbox: Outbox;
  readonly #ended = Promise.withResolvers<EngineFailure | undefined>();
  readonly #pending = new ChecksById();
  readonly #bytes = new Uint8Array(BATCH_BYTES);
  readonly #view = new DataView(this.#bytes.buffer);
  #used = 0;
  #closing = false;
  /** The reason that later checks fail with, once the engine is stopped or has failed. */
  #failure: { readonly reason: unknown } | undefined;
  /** Whether the engine keeps the process alive without pending checks. */
  #keepsAlive = true;
  /** Whether the engine holds a reference to the outbox's wait for results, which keeps the process alive. */
  #holdsWait = false;

  /**
   * Starts an engine. The library must be loaded.
   *
   * @param options The options of the engine.
   * @throws {EngineStartError} If the system rejects a socket or a packet option.
   * @throws {Error} If no thread or file descriptor is available.
   */
  constructor(options: NativeOptions) {
    const outbox = Outbox.shared;
    const handle = shaker_start(outbox.handle, configRecord(options));
    if (handle <= 0) {
      outbox.closeIfUnused();
      throw startErrorOf(handle, options) ?? engineError("start", handle);
    }
    this.window = shaker_window(handle);
    if (options.kind === "raw") this.rate = options.rate;
    this.#handle = handle;
    this.name = options.kind;
    this.#outbox = outbox;
    outbox.add(handle, (results, at) => this.#receive(results, at));
    this.#updateWait();
  }

  get ended(): Promise<EngineFailure | undefined> {
    return this.#ended.promise;
  }

  keepAlive(enabled: boolean): void {
    this.#keepsAlive = enabled;
    this.#updateWait();
  }

  /** Starts a check. Its request is submitted at the end of the current turn. */
  submit(pending: Pending, options: ResolvedOptions): void {
    if (this.#failure !== undefined) {
      // A caller may still hold the stopped engine.
      const { reason } = this.#failure;
      queueMicrotask(() => pending.fail(reason));
      return;
    }
    const size = requestSize(pending.endpoint);
    if (this.#used + size > BATCH_BYTES) this.#flush();
    if (this.#used === 0) queueMicrotask(() => this.#flush());
    writeRequest(this.#view, this.#used, this.#pending.add(pending), pending.endpoint, options);
    this.#used += size;
  }

  cancel(pending: Pending): void {
    if (!this.#pending.delete(pending)) return;
    this.#flush();
    shaker_cancel(this.#handle, pending.id);
    this.#updateWait();
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
    // The number of results that are available at once, because the caller's thread made the check.
    const answered = shaker_submit(this.#handle, batch);
    if (answered > 0) this.#outbox.deliverSoon();
    else if (answered < 0) this.#close(engineError("run", answered));
    else if (!this.#holdsWait) this.#updateWait();
  }

  #receive(results: DataView, at: number): void {
    if (readEnded(results, at)) {
      this.#close();
      return;
    }
    const pending = this.#pending.get(readId(results, at));
    // The check was cancelled.
    if (pending === undefined) return;
    const more = readMore(results, at);
    if (!more) this.#pending.delete(pending);
    pending.settle(readResult(results, at, pending, this.name), more);
    if (this.#pending.size === 0) this.#updateWait();
  }

  async #close(failure?: Error): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const code = await shaker_stop(this.#handle);
    if (this.#holdsWait) this.#outbox.release();
    await this.#outbox.remove(this.#handle);
    const error = failure ?? (code === END.stopped ? undefined : engineError("run", code));
    this.#ended.resolve(error && { error, delivered: this.#failAll(error) });
  }

  /** Fails the pending checks. Returns whether there were any. */
  #failAll(reason: unknown): boolean {
    this.#failure ??= { reason };
    const checks = this.#pending.clear();
    for (const check of checks) check.fail(reason);
    return checks.length > 0;
  }

  #updateWait(): void {
    const wanted = this.#keepsAlive || this.#pending.size > 0;
    if (wanted === this.#holdsWait || this.#closing) return;
    this.#holdsWait = wanted;
    if (wanted) this.#outbox.retain();
    else this.#outbox.release();
  }
}

/** Converts a negative code of the library, `-errno` or one of {@linkcode END}, to an error. */
function engineError(action: string, code: number): Error {
  switch (code) {
    case END.panicked:
      return new Error(`Cannot ${action} the native engine: it panicked, please report the message on stderr`);
    case END.unknownHandle:
      return new Error(`Cannot ${action} the native engine: unknown handle, please report this error`);
    default:
      return new Error(`Cannot ${action} the native engine: ${errnoName(-code)}`);
  }
}
