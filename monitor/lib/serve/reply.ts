/** Replies: what a handler returns, and how it is written. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipped } from "./gzip.ts";

/** A part of a body. */
export type Piece = string | Uint8Array<ArrayBuffer>;

/** A reply to a request. */
export interface Reply {
  /** The HTTP status; 200 by default. */
  readonly status?: number;
  /** The content type; plain text by default. */
  readonly type?: string;
  /** The body, in pieces: each is written in a turn of the event loop of its own. */
  readonly body: readonly Piece[];
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Headers of all replies. They forbid loading, framing and sniffing, and keep the address from other sites. */
const SECURITY_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

/** A smaller body is not compressed: it fits into a packet. */
const MIN_COMPRESSED_BYTES = 1400;

/**
 * Writes a reply. A body of more than a packet is compressed if the client accepts gzip.
 *
 * @param request The request.
 * @param response The response.
 * @param reply The reply.
 */
export async function writeReply(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { status = 200, type = "text/plain; charset=utf-8", body, headers } = reply;
  const size = body.reduce((size, { length }) => size + length, 0);
  const isCompressed = size >= MIN_COMPRESSED_BYTES && acceptsGzip(request.headers["accept-encoding"]);
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    "Content-Type": type,
    Vary: "Accept-Encoding",
    ...isCompressed && { "Content-Encoding": "gzip" },
    ...headers,
  });
  if (request.method === "HEAD") return void response.end();
  const bytes = encoded(body);
  await pipeline(Readable.from(isCompressed ? gzipped(bytes) : bytes), response);
}

function acceptsGzip(header: string | string[] | undefined): boolean {
  return String(header ?? "").split(",").some((coding) =>
    /^\s*(?:gzip|\*)\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/i.test(coding)
  );
}

function* encoded(pieces: readonly Piece[]): Generator<Uint8Array<ArrayBuffer>, void> {
  const encoder = new TextEncoder();
  for (const piece of pieces) yield typeof piece === "string" ? encoder.encode(piece) : piece;
}
