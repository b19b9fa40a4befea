/** Schema of the section `monitor`: defaults of all targets, and options of the monitor and its checker. */

import * as v from "valibot";
import { choice, duration, flag, integer, number, share, text } from "./fields/fields.ts";
import { section } from "./fields/section.ts";
import { TARGET_OPTIONS } from "./target_options.ts";

const storm = () =>
  section({
    share: v.optional(share()),
    minimum: v.optional(integer(1)),
    within: v.optional(duration()),
  });

const THREADS = "must be an integer from 1 to 64, or auto";

export const MONITOR = section({
  ...TARGET_OPTIONS,
  storm: v.optional(storm()),
  trouble: v.optional(storm()),
  spread: v.optional(number(0, 0.5)),
  seed: v.optional(integer(0, 2 ** 32 - 1)),
  engine: v.optional(choice(["socket", "raw", "auto", "connect"])),
  fallback: v.optional(choice(["error", "connect"])),
  queue_timeout: v.optional(duration("1ms")),
  rate: v.optional(integer(1)),
  threads: v.optional(
    v.union([
      v.pipe(v.number(THREADS), v.integer(THREADS), v.minValue(1, THREADS), v.maxValue(64, THREADS)),
      v.literal("auto"),
    ], THREADS),
  ),
  zero_linger: v.optional(flag()),
  details: v.optional(flag()),
  source: v.optional(text("an IP address")),
  interface: v.optional(text("the name of an interface")),
  mark: v.optional(integer(0, 2 ** 32 - 1)),
  tos: v.optional(integer(0, 252)),
  syn_retries: v.optional(integer(0, 127)),
});
