/** The notifier's lease: one key, which a hub acquires by compare-and-set. */

import { type InferOutput, literal, maxValue, minValue, object, optional, pipe } from "valibot";
import { decode } from "./codec.ts";
import { boot, ms, name } from "./fields.ts";
import { MAX_LEASE, MIN_LEASE } from "./limits.ts";
import type { Malformed } from "./malformed.ts";

const schema = object({
  /** The hub. */
  hub: name,
  /** The boot id of its process. */
  boot,
  /** Duration of the lease, in ms. */
  lease: pipe(ms, minValue(MIN_LEASE), maxValue(MAX_LEASE)),
  /** Set in the last message of a hub that ends, so that another hub can acquire the lease at once. */
  left: optional(literal(true)),
});

/** Value of the notifier's lease. */
export type NotifierLease = InferOutput<typeof schema>;

/** Parses the notifier's lease. */
export function parseNotifierLease(data: Uint8Array): NotifierLease | Malformed {
  return decode(schema, data);
}
