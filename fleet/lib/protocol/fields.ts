/** Schemas of common fields. */

import { check, maxLength, maxValue, minValue, number, pipe, regex, safeInteger, string } from "valibot";
import { MAX_ID_BYTES } from "./limits.ts";
import { NAME } from "./names.ts";

const ENCODER = new TextEncoder();

/** The name of an agent, a zone or a hub. */
export const name = pipe(string(), regex(NAME));
/** The boot id of a process: 16 random hexadecimal digits. */
export const boot = pipe(string(), regex(/^[\da-f]{16}$/));
/** The SHA-256 of a manifest or chunk, in hexadecimal digits. */
export const digest = pipe(string(), regex(/^[\da-f]{64}$/));
/** A count. */
export const count = pipe(number(), safeInteger(), minValue(0));
/** A time in ms since 1970, in the range of `Date`, or a duration in ms. */
export const ms = pipe(number(), minValue(0), maxValue(8.64e15));
/** The id of a target. */
export const targetId = pipe(
  string(),
  check((id) => id !== "" && isShort(id), "Invalid length"),
);
/** A short text for display. */
export const text = pipe(string(), maxLength(1024));

/** Whether an id is short enough. Only long ids are encoded, because a UTF-16 code unit takes at most 3 bytes. */
function isShort(id: string): boolean {
  return id.length * 3 <= MAX_ID_BYTES || id.length <= MAX_ID_BYTES && ENCODER.encode(id).length <= MAX_ID_BYTES;
}
