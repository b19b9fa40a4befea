/** Codec of messages: JSON in UTF-8, validated against a schema. */

import { type BaseIssue, type BaseSchema, getDotPath, type InferOutput, safeParse } from "valibot";
import { Malformed } from "./malformed.ts";

const ENCODER = new TextEncoder();
/** Decoder that throws on invalid UTF-8. */
const DECODER = new TextDecoder("utf-8", { fatal: true });

/** Encodes a message. */
export function encode(message: unknown): Uint8Array<ArrayBuffer> {
  return ENCODER.encode(JSON.stringify(message));
}

/** Decodes a message, and validates it against a schema. */
export function decode<const Schema extends BaseSchema<unknown, unknown, BaseIssue<unknown>>>(
  schema: Schema,
  data: Uint8Array,
): InferOutput<Schema> | Malformed {
  let value: unknown;
  try {
    value = JSON.parse(DECODER.decode(data));
  } catch {
    return new Malformed("The message is not JSON in UTF-8");
  }
  const { success, output, issues } = safeParse(schema, value, { abortEarly: true });
  if (success) return output;
  const path = getDotPath(issues[0]);
  return new Malformed(path === null ? issues[0].message : `${path}: ${issues[0].message}`);
}
