/** gzip compression of pieces, with an event-loop turn after each piece. */

import { yieldToEventLoop } from "../../time_slices.ts";

/** Compresses. */
export function gzipped(pieces: Iterable<Uint8Array<ArrayBuffer>>): AsyncIterable<Uint8Array> {
  return ReadableStream.from(inTurns(pieces)).pipeThrough(new CompressionStream("gzip"));
}

async function* inTurns<T>(items: Iterable<T>): AsyncGenerator<T, void> {
  for (const item of items) {
    yield item;
    await yieldToEventLoop();
  }
}
