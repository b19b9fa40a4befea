/** Schema of the sink `webhook`: posts alerts in the format of Alertmanager's webhooks. */

import * as v from "valibot";
import { duration, text } from "../fields.ts";
import { section } from "../section.ts";
import { MISSING_URL, RECEIVER } from "./receiver.ts";

/** The schema. */
export const WEBHOOK = v.pipe(
  section({
    type: v.literal("webhook"),
    ...RECEIVER,
    external_url: v.optional(text("a URL")),
    wait: v.optional(duration()),
  }),
  v.check(({ url }) => url !== undefined, MISSING_URL),
);
