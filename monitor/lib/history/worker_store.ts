/** Client of the {@linkcode Store} in a worker. */

import type { HistoryReply, HistoryRequest } from "./messages.ts";
import { problemText } from "./problem_text.ts";

const MODULE = new URL("./worker.ts", import.meta.url);

/** Sends requests to a worker. If the worker can't run, all requests fail with the reason. */
export class WorkerStore implements Disposable {
  readonly #file: string;
  readonly #worker: Worker;
  readonly #pending: PromiseWithResolvers<unknown>[] = [];
  #failure: Error | undefined;

  /**
   * Starts the worker.
   *
   * @param file The path of the file, for messages.
   */
  constructor(file: string) {
    this.#file = file;
    this.#worker = new Worker(MODULE, { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<HistoryReply>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(new Error(workerProblem(event.message)));
    };
  }

  /**
   * Sends a request.
   *
   * @param request The request.
   * @returns The value of the reply.
   * @throws {RangeError} If the request has an invalid value.
   * @throws {Error} If the file can't be used. The message includes the remedy.
   */
  ask<Value>(request: HistoryRequest): Promise<Value> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    const pending = Promise.withResolvers<unknown>();
    this.#pending.push(pending);
    this.#worker.postMessage(request);
    return pending.promise as Promise<Value>;
  }

  [Symbol.dispose](): void {
    this.#worker.terminate();
    this.#fail(new Error("The history is closed"));
  }

  #take(reply: HistoryReply): void {
    const { resolve, reject } = this.#pending.shift()!;
    if ("value" in reply) return resolve(reply.value);
    const { error } = reply;
    // An invalid request is not a problem of the file, so the message stays.
    reject(error.name === "RangeError" ? new RangeError(error.message) : new Error(problemText(error, this.#file)));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    for (const { reject } of this.#pending.splice(0)) reject(error);
  }
}

/** Explains a failed start. Deno needs permission to read the worker's module, unless it comes from a registry. */
function workerProblem(message: string): string {
  if (!/read access/.test(message)) return `The history's worker failed: ${message}`;
  return `The history needs a worker: add --allow-read=${decodeURIComponent(new URL(".", MODULE).pathname)}`;
}
