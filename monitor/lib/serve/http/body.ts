/** Bodies of requests: JSON objects of bounded size. */

import type { IncomingMessage } from "node:http";
import { HttpError } from "./http_error.ts";

/** Maximum size of a body in bytes. */
const MAX_BODY_BYTES = 65_536;

/**
 * Reads the JSON object in a request's body.
 *
 * @param request The request.
 * @param names The keys that the object may have.
 * @returns The object.
 * @throws {HttpError} If the body is too large, is not a JSON object, or has other keys.
 */
export async function readObject(request: IncomingMessage, names: readonly string[]): Promise<Record<string, unknown>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length;
    if (size > MAX_BODY_BYTES) throw new HttpError(413, `The body is larger than ${MAX_BODY_BYTES} bytes`);
    chunks.push(chunk);
  }
  const object = parse(await new Blob(chunks as BlobPart[]).text());
  const unknown = Object.keys(object).find((name) => !names.includes(name));
  if (unknown !== undefined) throw new HttpError(400, `The body has an unknown key: known are ${names.join(", ")}`);
  return object;
}

function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  } catch {
    // The error below covers invalid JSON, too.
  }
  throw new HttpError(400, "The body is not a JSON object");
}
