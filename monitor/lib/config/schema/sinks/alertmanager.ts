/** Schema of the sink `alertmanager`: sends alerts to all given Alertmanagers. */

import * as v from "valibot";
import { duration, filledList } from "../fields/fields.ts";
import { section } from "../fields/section.ts";
import { MISSING_URL, RECEIVER } from "./receiver.ts";

export const ALERTMANAGER = section({
  type: v.literal("alertmanager"),
  alertmanagers: filledList(v.pipe(section(RECEIVER), v.check(({ url }) => url !== undefined, MISSING_URL))),
  resend: v.optional(duration("1s")),
  wait: v.optional(duration()),
});
