/** Schema of the section `sinks`: a list of mappings with a `type`. `sinks/` has one file per type. */

import * as v from "valibot";
import { AGENT_CHECK } from "./sinks/agent_check.ts";
import { ALERTMANAGER } from "./sinks/alertmanager.ts";
import { EXEC } from "./sinks/exec.ts";
import { variantOf } from "./fields/fields.ts";
import { WEBHOOK } from "./sinks/webhook.ts";

export const SINKS = v.array(
  variantOf("type", [AGENT_CHECK, ALERTMANAGER, EXEC, WEBHOOK]),
  "must be a list of sinks",
);
