/** Schema of the sink `agent_check`: answers HAProxy's agent checks. */

import * as v from "valibot";
import { text } from "../fields.ts";
import { section } from "../section.ts";

/** The schema. */
export const AGENT_CHECK = section({
  type: v.literal("agent_check"),
  listen: text('an address such as "127.0.0.1:9117"'),
});
