/** Replies of the API: JSON with an ETag. */

import { createHash } from "node:crypto";
import { printable } from "@tcp-shaker/tcp-shaker/quote";
import type { Reply } from "../http/reply.ts";

/** Common fields of all replies. */
const SCHEMA = "tcp-checker-api/1";

/** JSON text that is inserted into a reply unchanged. */
export class RawJson {
  /** @param text The JSON. */
  constructor(readonly text: string) {}
}

/**
 * Creates a reply.
 *
 * @param type The type of the reply: `"targets"`, `"summary"`.
 * @param content The other fields.
 * @returns The reply, on one line.
 */
export function jsonReply(type: string, content: Readonly<Record<string, unknown>>): Reply {
  const text = `${printable(stringify({ schema: SCHEMA, type, ...content }))}\n`;
  return {
    type: "application/json",
    body: [text],
    headers: { ETag: entityTag(text), "Cache-Control": "private, no-cache" },
  };
}

/** Returns the ETag of a text. It is weak, because the compressed form has the same tag. */
export function entityTag(text: string): string {
  return `W/"${createHash("sha256").update(text).digest("base64url").slice(0, 22)}"`;
}

/** Stringifies. Only arrays of `content` may contain raw JSON. */
function stringify(content: Readonly<Record<string, unknown>>): string {
  const fields = Object.entries(content).filter(([, value]) => value !== undefined).map(([name, value]) => {
    const isRaw = Array.isArray(value) && value[0] instanceof RawJson;
    return `${JSON.stringify(name)}:${isRaw ? `[${value.map(({ text }) => text).join(",")}]` : JSON.stringify(value)}`;
  });
  return `{${fields.join(",")}}`;
}
