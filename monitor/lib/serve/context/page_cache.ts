/** Cache of pages, because many viewers request the same page within a second. */

import { gzipSync } from "node:zlib";
import type { Reply } from "../http/reply.ts";

/** Maximum age of a page in ms. */
const FRESH_MS = 1000;
/** Maximum number of cached pages. */
const MAX_PAGES = 64;

/** Caches pages, each with its compressed form. */
export class PageCache {
  readonly #pages = new Map<string, { readonly reply: Promise<Reply>; readonly at: number }>();

  /**
   * Returns a page.
   *
   * @param key Identifies the page.
   * @param make Creates the page.
   */
  get(key: string, make: () => Promise<Reply>): Promise<Reply> {
    const now = performance.now();
    const kept = this.#pages.get(key);
    if (kept !== undefined && now - kept.at < FRESH_MS) return kept.reply;
    for (const [other, { at }] of this.#pages) {
      if (now - at >= FRESH_MS || this.#pages.size >= MAX_PAGES) this.#pages.delete(other);
    }
    const reply = make().then(compressed);
    this.#pages.set(key, { reply, at: now });
    reply.catch(() => this.#pages.delete(key));
    return reply;
  }
}

function compressed(reply: Reply): Reply {
  if (typeof reply.body === "function") return reply;
  const body = [new TextEncoder().encode(reply.body.join(""))];
  return { ...reply, body, gzip: new Uint8Array(gzipSync(body[0], { level: 5 })) };
}
