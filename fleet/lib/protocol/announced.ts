/** Announced targets, which notifications have reported as down: one message per slice. */

import { array, type InferOutput, object } from "valibot";
import { decode } from "./codec.ts";
import { targetId } from "./fields.ts";
import type { Malformed } from "./malformed.ts";

const schema = object({
  /** The ids of the targets. */
  down: array(targetId),
});

/** The announced targets of a slice. */
export type Announced = InferOutput<typeof schema>;

/** Parses the announced targets of a slice. */
export function parseAnnounced(data: Uint8Array): Announced | Malformed {
  return decode(schema, data);
}
