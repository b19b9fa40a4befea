/** Schema of the sink `exec`: runs a program for each transition. */

import * as v from "valibot";
import { duration, text } from "../fields/fields.ts";
import { section } from "../fields/section.ts";

export const EXEC = section({
  type: v.literal("exec"),
  program: text("a program"),
  timeout: v.optional(duration("1ms")),
});
