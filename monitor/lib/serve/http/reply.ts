/** Replies: the return value of a handler, and its writer. */

import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { gzipped } from "./gzip.ts";

/** A piece of a body. */
export type Piece = string | Uint8Array<ArrayBuffer>;

/** A reply to a request. */
export interface Reply {
  /** The HTTP status; 200 by default. */
  readonly status?: number;
  /** The content type; plain text by default. */
  readonly type?: string;
  /**
   * The body, in pieces, each of which is written in its own event-loop turn. A function gets the response after its
   * head was written, and writes to it until the client disconnects.
   */
  readonly body: readonly Piece[] | ((response: ServerResponse) => void);
  /** Content encoding of the body, if it is already compressed. */
  readonly gzip?: Uint8Array<ArrayBuffer>;
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Headers of all replies. They forbid loading, framing and sniffing, and hide the URL from other sites. */
const SECURITY_HEADERS = {
  "Content-Security-Policy":
    "default-src 'none'; style-src 'self'; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
  "X-Content-Type-Options": "nosniff",
  "Referrer-Policy": "no-referrer",
  "Cache-Control": "no-store",
};

/** Minimum size of a compressed body. A smaller one fits into a packet. */
const MIN_COMPRESSED_BYTES = 1400;

/** Writes a reply. A large body is compressed if the client accepts gzip. */
export async function writeReply(request: IncomingMessage, response: ServerResponse, reply: Reply): Promise<void> {
  const { type = "text/plain; charset=utf-8", body, headers, gzip } = reply;
  const isUnchanged = headers?.ETag !== undefined && hasEntity(request.headers["if-none-match"], headers.ETag);
  const status = isUnchanged ? 304 : reply.status ?? 200;
  const isCompressed = typeof body !== "function" && sizeOf(body) >= MIN_COMPRESSED_BYTES &&
    acceptsGzip(request.headers["accept-encoding"]);
  response.writeHead(status, {
    ...SECURITY_HEADERS,
    "Content-Type": type,
    Vary: "Accept-Encoding",
    ...isCompressed && { "Content-Encoding": "gzip" },
    ...headers,
  });
  if (request.method === "HEAD" || isUnchanged) return void response.end();
  if (typeof body === "function") return body(response);
  if (isCompressed && gzip !== undefined) return void response.end(gzip);
  // A pipeline would cost more CPU than a small page.
  if (!isCompressed && body.length === 1) return void response.end(body[0]);
  const bytes = encoded(body);
  await pipeline(Readable.from(isCompressed ? gzipped(bytes) : bytes), response);
}

function sizeOf(body: readonly Piece[]): number {
  return body.reduce((size, { length }) => size + length, 0);
}

/** Whether the client already has the entity. ETags are compared weakly (RFC 9110, 13.1.2). */
function hasEntity(header: string | undefined, tag: string): boolean {
  const opaque = (tag: string) => tag.trim().replace(/^W\//, "");
  return header !== undefined &&
    header.split(",").some((known) => known.trim() === "*" || opaque(known) === opaque(tag));
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
