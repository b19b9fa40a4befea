/** Schema of the sink `webhook`: posts alerts in the format of Alertmanager's webhooks. */

import * as v from "valibot";
import { duration } from "../fields/fields.ts";
import { section } from "../fields/section.ts";
import { MISSING_URL, RECEIVER } from "./receiver.ts";

const MESSAGE = "must be a URL such as https://monitor.example";

export const WEBHOOK = v.pipe(
  section({
    type: v.literal("webhook"),
    ...RECEIVER,
    external_url: v.optional(v.pipe(v.string(MESSAGE), v.check((url) => URL.canParse(url), MESSAGE))),
    wait: v.optional(duration()),
  }),
  v.check(({ url }) => url !== undefined, MISSING_URL),
);
