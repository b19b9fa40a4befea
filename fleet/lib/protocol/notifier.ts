/** The hubs' lease on notifying: one key, which a hub takes over by CAS. */

import { type InferOutput, literal, maxValue, minValue, object, optional, pipe } from "valibot";
import { decode } from "./codec.ts";
import { boot, ms, name } from "./fields.ts";
import { MAX_LEASE } from "./limits.ts";
import type { Malformed } from "./malformed.ts";

const schema = object({
  /** The hub. */
  hub: name,
  /** Its process. */
  boot,
  /** How long the lease lasts, in ms. */
  lease: pipe(ms, minValue(1000), maxValue(MAX_LEASE)),
  /** Set by the last message of a hub that ends: another one may take the lease at once. */
  left: optional(literal(true)),
});

/** The value of the hubs' lease on notifying. */
export type NotifierLease = InferOutput<typeof schema>;

/** Parses the hubs' lease on notifying. */
export function parseNotifierLease(data: Uint8Array): NotifierLease | Malformed {
  return decode(schema, data);
}
