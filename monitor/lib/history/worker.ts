/**
 * Worker of a {@linkcode History}, so that SQLite never delays checks. It imports only modules of this folder, because a
 * local worker needs `--allow-read` for each of its modules.
 */

import type { HistoryReply, HistoryRequest } from "./messages.ts";
import { Store } from "./store.ts";

/** Pause between two steps that shrink the file, in ms, which leaves most of the time to requests. */
const SHRINK_PAUSE = 100;

let store: Store;
let shrinking: ReturnType<typeof setTimeout> | undefined;

function execute(request: HistoryRequest): unknown {
  switch (request.type) {
    case "open":
      store = new Store(request.file, request.limits);
      return store.opened();
    case "start":
      store.boot = request.boot;
      return undefined;
    case "write":
      shrinkSoon();
      return store.write(request.batch);
    case "events":
      return store.reader.events(request.query);
    case "hasAllAfter":
      return store.reader.hasAllAfter(request.id, request.boot);
    case "series":
      return store.reader.series(request.id, request.query);
    case "uptime":
      return store.reader.uptime(request.query);
    case "close":
      clearTimeout(shrinking);
      store[Symbol.dispose]();
      return undefined;
  }
}

/** Shrinks the file in steps, so that requests need not wait. */
function shrinkSoon(): void {
  shrinking ??= setTimeout(() => {
    shrinking = undefined;
    if (store.shrink()) shrinkSoon();
  }, SHRINK_PAUSE);
}

function reply(request: HistoryRequest): HistoryReply {
  try {
    return { value: execute(request) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { error: { name, message } };
  }
}

addEventListener("message", (event) => postMessage(reply((event as MessageEvent<HistoryRequest>).data)));

/** Declared here, because Deno's types are for windows. */
declare function postMessage(reply: HistoryReply): void;
