/** Schema of the section `database`: the file of the history, and its limits. */

import * as v from "valibot";
import { durationOf, size, text } from "./fields/fields.ts";
import { section } from "./fields/section.ts";

const HOUR = 3_600_000;
const DAY = 24 * HOUR;

/** The schema. A step of a coarser level must be complete before the finer steps are dropped. */
export const DATABASE = section({
  file: text("the path of a file"),
  max_size: v.optional(size(2 ** 20)),
  retention: v.optional(section({
    minutes: v.optional(durationOf(2 * HOUR, "2h")),
    hours: v.optional(durationOf(2 * DAY, "2d")),
    days: v.optional(durationOf(DAY, "1d")),
    events: v.optional(durationOf(HOUR, "1h")),
  })),
});
