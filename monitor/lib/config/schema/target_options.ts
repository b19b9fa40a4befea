/** Schema of the options of targets. */

import * as v from "valibot";
import { choice, duration, integer } from "./fields/fields.ts";
import { section } from "./fields/section.ts";

/** The entries of sections that contain these options. */
export const TARGET_OPTIONS = {
  interval: v.optional(duration()),
  fast_interval: v.optional(duration()),
  down_interval: v.optional(duration()),
  timeout: v.optional(duration()),
  rise: v.optional(integer(1)),
  fall: v.optional(integer(1)),
  initial: v.optional(choice(["unknown", "fully-up", "up", "down", "fully-down"])),
  stale_after: v.optional(duration()),
  window: v.optional(section({ failures: integer(1), of: integer(1, 30) })),
  flap: v.optional(section({ transitions: integer(1), within: duration() })),
  error_limit: v.optional(integer(1)),
  on_error: v.optional(choice(["fastinter", "fail-check", "sudden-death", "mark-down"])),
  family: v.optional(choice([0, 4, 6])),
  resolve: v.optional(choice(["any", "first"])),
};
