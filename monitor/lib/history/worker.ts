/** The worker of a {@linkcode History}: SQLite never holds up checks. */

import type { HistoryReply, HistoryRequest } from "./messages.ts";
import { problemText } from "./problem_text.ts";
import { Store } from "./store.ts";

let file = "";
let store: Store;

function answer(request: HistoryRequest): unknown {
  switch (request.type) {
    case "open":
      file = request.file;
      store = new Store(file, request.limits);
      return store.opened();
    case "start":
      store.boot = request.boot;
      return undefined;
    case "write":
      return store.write(request.batch);
    case "events":
      return store.reader.events(request.query);
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
    // A mistake of the caller is no problem of the file.
    if (error instanceof RangeError) return { problem: error.message, isRange: true };
    return { problem: problemText(error, file), isRange: false };
  }
}

addEventListener("message", (event) => postMessage(reply((event as MessageEvent<HistoryRequest>).data)));

/** The worker's end of the channel, which Deno's types of windows don't have. */
declare function postMessage(reply: HistoryReply): void;
