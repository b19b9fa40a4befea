/** Schema of the sink `agent_check`: answers HAProxy's agent checks. */

import * as v from "valibot";
import { listenAddress } from "../fields/fields.ts";
import { section } from "../fields/section.ts";

export const AGENT_CHECK = section({
  type: v.literal("agent_check"),
  listen: listenAddress(),
});
