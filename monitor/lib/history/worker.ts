/**
 * Worker of a {@linkcode History}, so that SQLite never delays checks. It imports nothing outside of this folder,
 * because it needs permission to read the folder, unless the module comes from a registry.
 */

import type { HistoryReply, HistoryRequest } from "./messages.ts";
import { Store } from "./store.ts";

let store: Store;

function answer(request: HistoryRequest): unknown {
  switch (request.type) {
    case "open":
      store = new Store(request.file, request.limits);
      return store.opened();
    case "start":
      store.boot = request.boot;
      return undefined;
    case "write":
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
      store[Symbol.dispose]();
      return undefined;
  }
}

function reply(request: HistoryRequest): HistoryReply {
  try {
    return { value: answer(request) };
  } catch (error) {
    const { name, message } = error instanceof Error ? error : new Error(String(error));
    return { error: { name, message } };
  }
}

addEventListener("message", (event) => postMessage(reply((event as MessageEvent<HistoryRequest>).data)));

/** The worker's end of the channel, which Deno's types of windows don't have. */
declare function postMessage(reply: HistoryReply): void;
