/** The hubs' lease on notifying: one key, which a hub takes over by CAS. */

import { type InferOutput, object } from "valibot";
import { decode } from "./codec.ts";
import { boot, name } from "./fields.ts";
import type { Malformed } from "./malformed.ts";

const schema = object({
  /** The hub. */
  hub: name,
  /** Its process. */
  boot,
});

/** The value of the hubs' lease on notifying. */
export type NotifierLease = InferOutput<typeof schema>;

/** Parses the hubs' lease on notifying. */
export function parseNotifierLease(data: Uint8Array): NotifierLease | Malformed {
  return decode(schema, data);
}
